import re

from fgkeras.serving import Metrics
from fgkeras.serving.counted import api_of

LINE = re.compile(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+(inf)?')


def values(text):
    pairs = [
        line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#"
    ]
    return {name: float(value) for name, value in pairs}


def test_counts_and_histograms_add_up():
    metrics = Metrics()
    for seconds, code in ((0.001, 200), (0.003, 200), (99.0, 503)):
        metrics.request("predict", code, seconds)
    metrics.request("infer", 413, 0.2)
    for rows in (1, 1, 5, 400):
        metrics.batch(rows)
    text = metrics.text(waiting=7, versions=[3, 9])
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line.startswith("# ") or LINE.fullmatch(line), line
    found = values(text)
    assert found['fgkeras_requests_total{api="predict",code="200"}'] == 2
    assert found['fgkeras_refused_total{code="503"}'] == 1
    assert found['fgkeras_refused_total{code="413"}'] == 1
    name = 'fgkeras_request_seconds_bucket{api="predict",le='
    # A bound belongs to its bucket, and buckets hold those before them.
    assert found[name + '"0.001"}'] == 1
    assert found[name + '"0.005"}'] == 2
    assert found[name + '"30"}'] == 2
    assert found[name + '"+Inf"}'] == 3
    assert found['fgkeras_request_seconds_count{api="predict"}'] == 3
    assert found['fgkeras_request_seconds_sum{api="predict"}'] == 99.004
    assert found['fgkeras_batch_rows_bucket{le="1"}'] == 2
    assert found['fgkeras_batch_rows_bucket{le="8"}'] == 3
    assert found["fgkeras_batch_rows_sum"] == 407
    assert found["fgkeras_waiting_rows"] == 7
    assert found["fgkeras_model_version"] == 9


def test_each_series_has_its_type_once():
    text = Metrics().text(waiting=0, versions=[1])
    types = re.findall(r"# TYPE (\S+)", text)
    assert len(types) == len(set(types)) == 7


def test_paths_become_a_few_words():
    assert api_of("/v1/models/a/versions/3:predict") == "predict"
    assert api_of("/v2/models/a/infer") == "infer"
    assert api_of("/v2/health/live") == "v2"
    assert api_of("/" + "x" * 999) == "page"
