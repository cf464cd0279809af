"""What a node does first: what a killed one left half done is removed, and every row has its file again."""

import logging

from bundle.node.journal import Journal
from bundle.node.spool import Spool, removed
from bundle.node.states import DeliveryState

logger = logging.getLogger(__name__)


def repair(spool: Spool, journal: Journal) -> None:
    """Make spool and journal say the same.

    Files without a row were never acknowledged, or were being purged: they go. A row without its file can only come of
    a damage to the disk: it counts as purged, so that the object is taken when it is sent again, and a result that
    nobody can send any more is given up.
    """
    kept = {
        spool.instance(row["key"], row["name"]): row["id"]
        for row in journal.read(
            "SELECT instance.id, key, name FROM instance JOIN study ON study.id = instance.study WHERE kept"
        )
    }
    found = set(spool.instances())
    sent = {spool.folder / row["file"]: row["id"] for row in journal.read("SELECT id, file FROM object WHERE kept")}
    for path in found - kept.keys():
        removed(path)
    for folder in spool.outboxes():
        if not any(folder in file.parents for file in sent):
            removed(folder)
    lost = [(kept[path],) for path in kept.keys() - found]
    gone = [(number,) for path, number in sent.items() if not path.is_file()]
    if lost or gone:
        with journal.transaction() as connection:
            connection.executemany("UPDATE instance SET kept = 0 WHERE id = ?", lost)
            connection.executemany("UPDATE object SET kept = 0 WHERE id = ?", gone)
            connection.executemany(
                "UPDATE delivery SET state = ? WHERE object = ? AND state = ?",
                [(DeliveryState.FAILED, *number, DeliveryState.WAITING) for number in gone],
            )
        logger.error("%d received objects and %d results are in the journal and not in the spool", len(lost), len(gone))
