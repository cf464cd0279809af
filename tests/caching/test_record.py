import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st

from bundle.caching.record import from_record, to_record

ARRAYS = numpy_st.arrays(
    st.sampled_from(["u1", "i4", "f4", "i8", "?"]),
    numpy_st.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


def as_read(record: bytes) -> np.ndarray:
    return np.frombuffer(record, dtype=np.uint8).copy()


@given(st.dictionaries(st.text(max_size=5), ARRAYS, max_size=4))
def test_a_sample_comes_back_bit_for_bit_and_can_be_written_to(sample):
    found = from_record(as_read(to_record(sample)))
    assert found.keys() == sample.keys()
    for name, array in sample.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
        assert found[name].flags.writeable


@given(st.data())
def test_a_changed_or_missing_byte_is_noticed(data):
    record = as_read(to_record({"image": np.arange(20, dtype=np.uint8), "box": np.arange(2, dtype=np.int32)}))
    at = data.draw(st.integers(0, len(record) - 1))
    changed = record.copy()
    changed[at] ^= data.draw(st.integers(1, 255))
    for damaged in (changed, record[:at]):
        with pytest.raises(ValueError, match="checksum"):
            from_record(damaged)
