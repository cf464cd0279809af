"""The conformance statement is what the node does."""

from pydicom.pixels import get_decoder
from pydicom.uid import UID, JPEGExtended12Bit
from pynetdicom import AE

from bundle.node.c_store import CLASSES
from bundle.node.conformance import REJECTIONS, STATUSES, conformance_statement
from bundle.node.contexts import SYNTAXES, supported_contexts
from bundle.node.header import MULTI_FRAME, SCORED
from bundle.node.intake import Status


def test_the_document_is_what_the_code_says(root):
    written = (root / "docs" / "conformance.md").read_text()
    assert written == conformance_statement(), "run: python -m scripts.serve conformance > docs/conformance.md"


def test_it_names_every_status_class_syntax_and_rejection():
    text = conformance_statement()
    assert set(STATUSES) == set(Status)
    for status in Status:
        assert f"| 0x{status:04X} |" in text
    for uid in [*CLASSES.values(), *SYNTAXES, *(each.abstract_syntax for each in supported_contexts())]:
        assert f"({uid})" in text, uid
    for numbers in REJECTIONS:
        assert f"| {', '.join(map(str, numbers))} |" in text


def test_deflated_objects_are_accepted_of_no_class():
    offered = {str(syntax) for each in supported_contexts() for syntax in each.transfer_syntax}
    assert "1.2.840.10008.1.2.1.99" not in offered and offered >= set(SYNTAXES)


def test_images_are_accepted_only_as_they_can_be_decoded():
    for context in supported_contexts():
        if context.abstract_syntax in SCORED | MULTI_FRAME:
            assert JPEGExtended12Bit not in context.transfer_syntax, "its 12 bits are read by none of the decoders"
    assert all(get_decoder(each).is_available for each in map(UID, SYNTAXES) if each.is_encapsulated)


def test_a_rejected_association_is_rejected_with_the_stated_numbers(node):
    entity = AE("NOBODY")
    entity.add_requested_context("1.2.840.10008.1.1")
    association = entity.associate("127.0.0.1", node.receiver.port, ae_title="BRAIN_CT_AI")
    answer = association.acceptor.primitive
    assert (answer.result, answer.result_source, answer.diagnostic) in REJECTIONS
