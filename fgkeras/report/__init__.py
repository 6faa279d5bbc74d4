"""What a run came to, as one HTML file that works offline."""

from fgkeras.report.embedding_report import embedding_report
from fgkeras.report.retrieval_sections import neighbor_page
from fgkeras.report.retrieval_sections import retrieval_sections
from fgkeras.report.run_report import run_report

__all__ = [
    "embedding_report",
    "neighbor_page",
    "retrieval_sections",
    "run_report",
]
