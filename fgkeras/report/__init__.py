"""What a run came to, as one HTML file that works offline."""

from fgkeras.report.run_report import run_report

__all__ = ["run_report"]
