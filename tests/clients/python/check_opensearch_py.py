"""Uses OpenSearch as people do from Python: opensearch-py's info, bulk, search, aggregations, scan and errors.

    EKK_OPENSEARCH_URL=http://localhost:9200 check_opensearch_py.py

Works in an index of its own and deletes it. Prints one line a check; fails at the first that does not hold.
"""

import os
import sys
import uuid

from opensearchpy import OpenSearch, helpers
from opensearchpy.exceptions import NotFoundError, RequestError

DOCUMENTS = 1200
LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"]


def documents(index):
    for number in range(DOCUMENTS):
        yield {
            "_index": index,
            "_id": str(number),
            "asctime": f"2026-11-23T{number // 60:02}:{number % 60:02}:00+0000",
            "levelname": LEVELS[number % 4],
            "message": f"Order {number} took {number * 3} ms",
            "took_ms": number * 3,
        }


def check_info(client, _index):
    info = client.info()
    assert info["version"]["distribution"] == "opensearch", info
    assert client.ping()


def check_bulk(client, index):
    done, errors = helpers.bulk(client, documents(index), chunk_size=500)
    assert (done, errors) == (DOCUMENTS, []), (done, errors)
    client.indices.refresh(index=index)
    assert client.count(index=index)["count"] == DOCUMENTS
    assert client.get(index=index, id="7")["_source"]["message"] == "Order 7 took 21 ms"


def check_mapping(client, index):
    properties = client.indices.get_mapping(index=index)[index]["mappings"]["properties"]
    kinds = {name: properties[name]["type"] for name in ["levelname", "message", "took_ms"]}
    assert kinds == {"levelname": "text", "message": "text", "took_ms": "long"}, properties
    assert properties["levelname"]["fields"]["keyword"]["type"] == "keyword", properties


def check_search(client, index):
    body = {
        "query": {"bool": {"filter": [{"term": {"levelname.keyword": "ERROR"}}], "must": [{"match": {"message": "order"}}]}},
        "sort": [{"took_ms": "desc"}],
        "size": 3,
        "_source": ["took_ms"],
        "track_total_hits": True,
    }
    hits = client.search(index=index, body=body)["hits"]
    assert hits["total"] == {"value": DOCUMENTS // 4, "relation": "eq"}, hits["total"]
    assert [hit["_source"] for hit in hits["hits"]] == [{"took_ms": n * 3} for n in (1199, 1195, 1191)], hits["hits"]
    body["search_after"] = hits["hits"][-1]["sort"]
    page = client.search(index=index, body=body)["hits"]["hits"]
    assert [hit["_source"]["took_ms"] for hit in page] == [3561, 3549, 3537], page
    found = client.search(index=index, q="levelname:WARNING AND took_ms:[0 TO 60]", size=0)
    assert found["hits"]["total"]["value"] == 5, found["hits"]["total"]


def check_aggregations(client, index):
    body = {
        "size": 0,
        "aggs": {
            "levels": {
                "terms": {"field": "levelname.keyword"},
                "aggs": {"slowest": {"max": {"field": "took_ms"}}, "took": {"stats": {"field": "took_ms"}}},
            },
            "spread": {"percentiles": {"field": "took_ms", "percents": [50]}},
        },
    }
    aggregations = client.search(index=index, body=body)["aggregations"]
    levels = {bucket["key"]: bucket for bucket in aggregations["levels"]["buckets"]}
    assert {key: bucket["doc_count"] for key, bucket in levels.items()} == dict.fromkeys(LEVELS, DOCUMENTS // 4), levels
    assert levels["ERROR"]["slowest"]["value"] == 3597.0, levels["ERROR"]
    assert levels["DEBUG"]["took"]["min"] == 0.0 and levels["DEBUG"]["took"]["count"] == DOCUMENTS // 4, levels["DEBUG"]
    median = aggregations["spread"]["values"]["50.0"]
    assert abs(median - 1798.5) < 40, median


def check_scan(client, index):
    found = {hit["_id"] for hit in helpers.scan(client, index=index, size=500, query={"query": {"match_all": {}}})}
    assert len(found) == DOCUMENTS, len(found)


def check_errors(client, index):
    failures = helpers.bulk(client, [{"_index": index, "took_ms": "soon"}], raise_on_error=False)[1]
    reason = failures[0]["index"]["error"]
    assert failures[0]["index"]["status"] == 400 and reason["type"] == "mapper_parsing_exception", failures
    try:
        client.search(index=index, body={"query": {"no_such_query": {}}})
    except RequestError as error:
        assert error.error == "parsing_exception", error
    else:
        raise AssertionError("a query that does not exist was answered")
    try:
        client.search(index=f"{index}-missing")
    except NotFoundError as error:
        assert error.error == "index_not_found_exception", error
    else:
        raise AssertionError("an index that does not exist was searched")


CHECKS = [check_info, check_bulk, check_mapping, check_search, check_aggregations, check_scan, check_errors]


def main():
    client = OpenSearch(os.environ.get("EKK_OPENSEARCH_URL", "http://localhost:9200"), timeout=30)
    index = f"opensearch-py-{uuid.uuid4().hex}"
    try:
        for check in CHECKS:
            try:
                check(client, index)
            except Exception as error:
                sys.exit(f"{check.__name__} failed: {type(error).__name__}: {error}")
            print(f"{check.__name__} holds")
    finally:
        client.indices.delete(index=index, ignore=[404])


if __name__ == "__main__":
    main()
