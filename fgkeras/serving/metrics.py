"""Counts of a server in the text form that Prometheus reads."""

import bisect
import threading

# Seconds; predictions take from a millisecond to some seconds.
_SECONDS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0),
)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128)


class _Histogram:
    def __init__(self, bounds):
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value):
        self.counts[bisect.bisect_left(self.bounds, value)] += 1
        self.sum += value


class Metrics:
    """Counts requests, seconds and batches.

    Example:

    >>> metrics = Metrics()
    >>> metrics.request("predict", 200, 0.004)
    >>> metrics.batch(3)
    >>> text = metrics.text(waiting=0, versions=[2])
    >>> 'fgkeras_requests_total{api="predict",code="200"} 1' in text
    True
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._requests = {}
        self._seconds = {}
        self._rows = _Histogram(_ROWS)

    def request(self, api, code, seconds):
        """Counts a request that was answered.

        Args:
            api: String, one of a few.
            code: Int, the status.
            seconds: Float, that it took.
        """
        with self._lock:
            key = (api, code)
            self._requests[key] = self._requests.get(key, 0) + 1
            if api not in self._seconds:
                self._seconds[api] = _Histogram(_SECONDS)
            self._seconds[api].add(seconds)

    def batch(self, rows):
        """Counts a batch that ran.

        Args:
            rows: Int.
        """
        with self._lock:
            self._rows.add(rows)

    def text(self, *, waiting, versions):
        """Returns all of it, in version 0.0.4 of the text form.

        Args:
            waiting: Int, rows that wait.
            versions: Sequence of ints, versions that answer, ascending.

        Reference:

        - [Prometheus, exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/)
        """
        with self._lock:
            lines = _head("fgkeras_requests_total", "counter", "Requests.")
            refused = {}
            for (api, code), count in sorted(self._requests.items()):
                labels = f'api="{api}",code="{code}"'
                lines.append(f"fgkeras_requests_total{{{labels}}} {count}")
                if code in (401, 403, 408, 413, 415, 503, 504):
                    refused[code] = refused.get(code, 0) + count
            lines += _head(
                "fgkeras_refused_total",
                "counter",
                "Requests refused before or instead of running.",
            )
            for code, count in sorted(refused.items()):
                lines.append(f'fgkeras_refused_total{{code="{code}"}} {count}')
            name = "fgkeras_request_seconds"
            lines += _head(name, "histogram", "Seconds until the answer.")
            for api, histogram in sorted(self._seconds.items()):
                lines += _buckets(name, histogram, f'api="{api}"')
            name = "fgkeras_batch_rows"
            lines += _head(name, "histogram", "Rows of the batches that ran.")
            lines += _buckets(name, self._rows, "")
        lines += _head("fgkeras_waiting_rows", "gauge", "Rows that wait.")
        lines.append(f"fgkeras_waiting_rows {waiting}")
        name = "fgkeras_model_version"
        lines += _head(name, "gauge", "The version that answers.")
        lines.append(f"{name} {versions[-1]}")
        name = "fgkeras_model_versions_loaded"
        lines += _head(name, "gauge", "Versions reachable by number.")
        lines.append(f"{name} {len(versions)}")
        return "\n".join(lines) + "\n"


def _head(name, kind, words):
    return [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]


def _buckets(name, histogram, labels):
    comma = "," if labels else ""
    inside = f"{{{labels}}}" if labels else ""
    lines, total = [], 0
    bounds = [*(f"{bound:g}" for bound in histogram.bounds), "+Inf"]
    for bound, count in zip(bounds, histogram.counts, strict=True):
        total += count
        lines.append(f'{name}_bucket{{{labels}{comma}le="{bound}"}} {total}')
    lines.append(f"{name}_sum{inside} {histogram.sum:.9g}")
    lines.append(f"{name}_count{inside} {total}")
    return lines
