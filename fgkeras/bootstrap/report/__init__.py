"""What people and models made of a project: numbers, and a page of them."""

from fgkeras.bootstrap.report.report_numbers import report_numbers
from fgkeras.bootstrap.report.report_page import report_page

__all__ = ["report_numbers", "report_page"]
