def sweep_page(report):
    return b""
