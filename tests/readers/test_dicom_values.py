import logging
import warnings

from pydicom.dataelem import DataElement

from bundle.readers.dicom_values import quiet_pydicom


def test_pydicom_is_quiet_inside_and_heard_outside(caplog):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with quiet_pydicom():
            with quiet_pydicom():
                pass
            DataElement("StudyInstanceUID", "UI", "odd")
            logging.getLogger("pydicom").error("damaged")
        assert not caught and not caplog.records
        DataElement("StudyInstanceUID", "UI", "odd")
        logging.getLogger("pydicom").error("damaged")
    assert len(caught) == 1 and [record.message for record in caplog.records[1:]] == ["damaged"]
