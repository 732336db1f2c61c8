"""A tokenizer for small bases, as transformers knows tokenizers: numbers below 100 are tokens, else characters are."""

import re
import string
from functools import lru_cache

from tokenizers import Regex, Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

PAD, BEGIN, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
CHARACTERS = string.digits + string.ascii_lowercase + " +-*/=()<>:;,.?!|#\n"
PAIRS = tuple(f"{number:02}" for number in range(100))
PIECE = "[0-9]{2}|[\\s\\S]"  # from the left: 238 is 23 and 8


@lru_cache(maxsize=1)
def token_ids() -> dict[str, int]:
    """The id of each token: 4 special ones, 55 characters, 100 pairs of digits."""
    return {token: place for place, token in enumerate((PAD, BEGIN, END, UNKNOWN, *CHARACTERS, *PAIRS))}


def encoded(text: str) -> list[int]:
    """The ids of a text without special tokens; a plain look-up, for the many short texts of pretraining.

    Raises `KeyError` for a character that the vocabulary lacks.
    """
    return [token_ids()[piece] for piece in re.findall(PIECE, text)]


@lru_cache(maxsize=1)
def number_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer of all small bases: padding on the left, no token added to a text."""
    inner = Tokenizer(WordLevel(token_ids(), unk_token=UNKNOWN))
    inner.pre_tokenizer = Split(Regex(PIECE), behavior="isolated")
    inner.decoder = Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token=PAD,
        bos_token=BEGIN,
        eos_token=END,
        unk_token=UNKNOWN,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
