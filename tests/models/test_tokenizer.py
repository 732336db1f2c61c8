"""Every text of the alphabet survives the way to tokens and back, by both ways there."""

import random

import pytest

from tooling.models.tokenizer import BEGIN, CHARACTERS, END, PAD, UNKNOWN, encoded, number_tokenizer, token_ids


def ids_of(text: str) -> list[int]:
    """The token ids of a text by the tokenizer, as samplers and trainers get them."""
    return number_tokenizer()(text)["input_ids"]


def texts() -> list[str]:
    """Each character, numbers of every length, and random texts."""
    source = random.Random(0)
    numbers = [f"{10**length + 7}" for length in range(8)] + ["00", "007", "1 23 456+7890=1"]
    drawn = ["".join(source.choices(CHARACTERS, k=30)) for _ in range(100)]
    return [*CHARACTERS, CHARACTERS, *numbers, "  two  spaces ", "a\n\n b", "2 8 9>3:", "", *drawn]


def test_every_text_of_the_alphabet_survives_the_round_trip() -> None:
    for text in texts():
        assert number_tokenizer().decode(ids_of(text)) == text


def test_the_look_up_of_pretraining_gives_the_ids_of_the_tokenizer() -> None:
    for text in texts():
        assert encoded(text) == ids_of(text), text


def test_every_token_has_an_id_of_its_own() -> None:
    assert len(set(CHARACTERS)) == len(CHARACTERS)
    assert sorted(token_ids().values()) == list(range(len(number_tokenizer())))


def test_numbers_below_a_hundred_are_at_most_two_tokens() -> None:
    assert all(len(ids_of(str(number))) == 1 for number in range(100))
    assert all(len(ids_of(str(number))) == 2 for number in range(100, 1000))


@pytest.mark.parametrize("character", ["A", "\u00e9", "\u0663", "\uff13", "\U0001d7d0", "\t", "\0"])
def test_an_unknown_character_is_one_unknown_token(character: str) -> None:
    assert ids_of(f"1{character}2") == [token_ids()["1"], token_ids()[UNKNOWN], token_ids()["2"]]
    with pytest.raises(KeyError):
        encoded(character)


def test_special_tokens_are_read_and_left_out_when_decoded() -> None:
    ids = ids_of(f"{BEGIN}1+2{END}")
    assert ids[0] == number_tokenizer().bos_token_id == token_ids()[BEGIN]
    assert ids[-1] == number_tokenizer().eos_token_id == token_ids()[END]
    padded = [number_tokenizer().pad_token_id, *ids]
    assert padded[0] == token_ids()[PAD]
    assert number_tokenizer().decode(padded, skip_special_tokens=True) == "1+2"


def test_batches_are_padded_on_the_left_and_masked() -> None:
    batch = number_tokenizer()(["1", "1+2"], padding=True)
    pad = token_ids()[PAD]
    assert batch["input_ids"][0] == [pad, pad, token_ids()["1"]]
    assert batch["attention_mask"][0] == [0, 0, 1]
    assert batch["attention_mask"][1] == [1, 1, 1]
