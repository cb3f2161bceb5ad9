"""The records of documents: papers (`paper`) in columns (`column`), catalogues (`catalogue`), and the site around them (`site`)."""

from gongkai.documents.models.catalogue import CatalogueEntry, NegativeEntry, Reassessment
from gongkai.documents.models.column import Column
from gongkai.documents.models.paper import (
    MOVES,
    OPEN,
    Attribute,
    Confirmation,
    Document,
    DocumentQuerySet,
    Edition,
    Genre,
    Release,
    Sort,
    Stage,
    Withdrawal,
    WrongMove,
)
from gongkai.documents.models.site import Address, Fault, GazetteIssue, Service, Topic

__all__ = [
    "CatalogueEntry",
    "NegativeEntry",
    "Reassessment",
    "Attribute",
    "Confirmation",
    "Document",
    "DocumentQuerySet",
    "Edition",
    "Genre",
    "MOVES",
    "OPEN",
    "Release",
    "Sort",
    "Stage",
    "Withdrawal",
    "WrongMove",
    "Address",
    "Column",
    "Fault",
    "GazetteIssue",
    "Service",
    "Topic",
]
