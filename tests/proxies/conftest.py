from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway_kit import a_town
from proxy_kit import MODEL, Model, Proxied, an_assistant, an_upstream, judging, proxied


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.close()


@pytest.fixture(scope="module")
def assistant(model: Model) -> Iterator[Proxied]:
    """For tests that leave it as they found it: nothing stopped, nobody's pass taken back."""
    with a_town() as town:
        town.start()
        town.permit_in_force(an_assistant())
        upstreams = {
            MODEL: an_upstream(model),
            "maskad": an_upstream(model, identity_numbers="mask"),
            "otalig": an_upstream(model, silence_seconds=0.4, total_seconds=1.5, retries=0, max_answer_bytes=4096),
            "rader": an_upstream(model, **judging("mlflow")),
            "tensorer": an_upstream(model, **judging("inference")),
            "borta": an_upstream(model, url="http://127.0.0.1:9/v1", retries=1),
        }
        with proxied(town, upstreams) as made:
            yield made


@pytest.fixture
def own(model: Model) -> Iterator[Proxied]:
    """A town of the test's own, for tests that stop it or change its permit."""
    with a_town() as town:
        town.start()
        town.permit_in_force(an_assistant())
        with proxied(town, {MODEL: an_upstream(model)}) as made:
            yield made
