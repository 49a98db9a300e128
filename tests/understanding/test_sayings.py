"""The sentences that the classifier learns from: every round that was tried can be read, with a label for each kind."""

from scripts.train import sayings


def test_every_kind_of_danger_in_a_tried_round_has_a_label() -> None:
    for number in sayings.TRIED:
        for line in (sayings.UNSEEN / f"said_{number}.tsv").read_text("utf-8").splitlines():
            said, kind, text = line.split("\t")
            if said != "harmless" and kind not in sayings.NOT_SAID:
                assert sayings.KINDS.get(kind, kind) in sayings.LABELS, text


def test_requests_and_answers_can_be_read() -> None:
    assert {request for request, _ in sayings.load_requests()} == set(sayings.REQUESTS)
    assert sayings.load_answers()
