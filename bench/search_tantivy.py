"""Tantivy beside the search: `uv run --no-project --with tantivy python bench/search_tantivy.py N FOLDER [recall]`.

The same documents, tokens and questions as in search.py, the newest first, facets by its aggregations. Tantivy is no part
of the product: it is asked in an environment of its own.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import tantivy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.search import documents, held, questions, recall, say, timed, vocabulary
from gongkai.search.words import fold, read, tokens_of

FACETS = {name: {"terms": {"field": name, "size": 100}} for name in ("unit", "kind", "year")}


def index(count: int, folder: str | None, *, tokenizer: str, first: int | None = None) -> tantivy.Index:
    """An index of the documents, or of the first ones: of the tokens of our own, or of what its tokenizer makes of the text."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name=tokenizer, index_option="basic")
    builder.add_date_field("at", fast=True)
    builder.add_text_field("unit", tokenizer_name="raw", fast=True)
    builder.add_text_field("kind", tokenizer_name="raw", fast=True)
    builder.add_integer_field("year", fast=True)
    schema = builder.build()
    made = tantivy.Index(schema, path=folder)
    made.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    if made.searcher().num_docs:
        return made
    writer, start = made.writer(512_000_000, 2), time.perf_counter()
    words = vocabulary(chance := random.Random(7))
    for n, one in enumerate(documents(count, words, chance)):
        if n == first:
            break
        text = f"{one['title']}\n{one['body']}"
        text = " ".join(tokens_of(fold(text))) if tokenizer == "spaces" else text
        writer.add_document(
            tantivy.Document(
                words=text, at=one["at"], unit=one["unit"], kind=one["kind"], year=one["at"].year
            )
        )
    writer.commit()
    writer.wait_merging_threads()
    made.reload()
    print(f"Tantivy {tantivy.__version__}: {made.searcher().num_docs:,} documents in {time.perf_counter() - start:.0f} s "
          f"(with making them), {made.searcher().num_segments} segments", flush=True)  # fmt: skip
    return made


def query_of(made: tantivy.Index, terms: Iterable[str], excluded: Iterable[str] = ()) -> tantivy.Query:
    """What holds every token of every term and none of an excluded word."""
    schema = made.schema
    wanted = [(tantivy.Occur.Must, token) for term in terms for token in tokens_of(term)]
    wanted += [(tantivy.Occur.MustNot, token) for word in excluded for token in tokens_of(word)]
    return tantivy.Query.boolean_query(
        [(occur, tantivy.Query.term_query(schema, "words", token, "basic")) for occur, token in wanted]
    )


def main(count: int, folder: str, wanted: list[str]) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    made = index(count, folder, tokenizer="spaces")
    searcher = made.searcher()

    def ask(q: str) -> object:
        asked = read(q)
        query = query_of(made, (word for (word, *_) in asked.terms), asked.excluded)
        return searcher.search(query, 20, order_by_field="at"), searcher.aggregate(query, FACETS)

    every: list[tuple[float, float]] = []
    for name, some in questions(vocabulary(random.Random(7)), random.Random(11)).items():
        took = timed(some, ask)
        say(f"Tantivy: {name}", took)
        every += took
    say("Tantivy: all of them", every)
    if "recall" in wanted:
        recall(
            "Tantivy, our tokens", held(count), lambda pair: searcher.search(query_of(made, [pair]), 1).count
        )
        plain = index(count, None, tokenizer="default", first=20_000)
        its_own = plain.searcher()
        recall("Tantivy, its own tokens, 20,000", held(count, 20_000),
               lambda pair: its_own.search(query_of(plain, [pair]), 1).count)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
