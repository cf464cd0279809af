from bundle.datalist import find_trained


def slice_(image="a.png", patient="p", **others):
    return {"image": image, "patient": patient, **others}


def test_what_only_one_side_knows_contradicts_nothing():
    training = [slice_(series="s1", position=5.0, site="north")]
    assert find_trained([slice_()], training).all()
    assert find_trained([slice_(patient="q", study="x")], training).all(), "by its file"
    assert not find_trained([slice_(patient="q", series="s2")], training).any()
    assert not find_trained([slice_("b.png", site="south")], training).any()


def test_a_set_is_known_alone_and_among_others():
    alone = [slice_("a/1.png", "group-000001"), slice_("a/2.png", "ann")]
    gathered = [
        slice_("north/a/1.png", "north/group-000009", site="north"),
        slice_("north/a/7.png", "north/ann", site="north"),
        slice_("north/a/8.png", "north/bob", site="north"),
    ]
    assert find_trained(gathered, alone).tolist() == [True, True, False]
    assert find_trained(alone, gathered).tolist() == [True, True]
    of_another = [{**row, "image": row["image"].replace("north", "south"), "patient": f"south/{index}"}
                  for index, row in enumerate(gathered)]  # fmt: skip
    assert not find_trained(of_another, gathered).any()


def test_where_no_patient_is_known_the_series_is_the_patient():
    training = [slice_("1.png", "group-000000", series="s1", study="x")]
    rows = [slice_("2.png", "group-000004", series=name) for name in ("s1", "s2")]
    assert find_trained(rows, training).tolist() == [True, False]
