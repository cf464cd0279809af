import json
from pathlib import Path

import pytest

from bundle.errors import InputError
from bundle.node import example, read_config
from bundle.node.check import check


@pytest.fixture
def write(tmp_path):
    """Write the example with changes, and return its path."""

    def write(change=lambda content: None) -> Path:
        content = example()
        change(content)
        path = tmp_path / "node.json"
        path.write_text(json.dumps(content))
        return path

    return write


def test_the_example_is_a_config(write, tmp_path):
    config = read_config(write())
    assert config.receive.host == "127.0.0.1"
    assert config.spool == str(tmp_path / "spool")
    assert [each.name for each in config.destinations] == ["pacs", "archive"]


def test_the_shortest_config_has_the_defaults_of_the_example(write, tmp_path):
    whole = read_config(write())
    short = {key: value for key, value in example().items() if key in ("spool", "export", "receive", "destinations")}
    short["receive"] = {key: short["receive"][key] for key in ("ae_title", "peers")}
    (tmp_path / "short.json").write_text(json.dumps(short))
    assert read_config(tmp_path / "short.json") == whole


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(spol=1), "unknown key 'spol'"),
        (lambda c: c["receive"].update(prot=1), "receive has the unknown key 'prot'"),
        (lambda c: c["receive"]["peers"][0].update(adress=1), "receive.peers[0] has the unknown key 'adress'"),
        (lambda c: c.pop("export"), "lacks the key 'export'"),
        (lambda c: c["receive"].pop("peers"), "receive lacks the key 'peers'"),
        (lambda c: c["receive"].update(port=70000), "receive.port: 70000"),
        (lambda c: c["receive"].update(ae_title="A" * 17), "receive.ae_title is 'AAAAAAAAAAAAAAAAA'"),
        (lambda c: c["receive"].update(ae_title="A\\B"), "receive.ae_title"),
        (lambda c: c["complete"].update(quiet_s="long"), "complete.quiet_s: 'long' is not of type 'number'"),
        (lambda c: c.update(runtime="torch"), "runtime is 'torch', none of auto, int8, fp32"),
        (lambda c: c["destinations"][0].pop("port"), "destinations[0] needs either a url, or ae_title, host and port"),
        (lambda c: c["destinations"][0].update(url="http://a/b"), "destinations[0] needs either"),
        (lambda c: c["destinations"][1].update(url="ftp://a"), "destinations[1].url is 'ftp://a'"),
        (lambda c: c["destinations"][1].update(name="pacs"), "destinations has the name pacs twice"),
        (lambda c: c["receive"]["peers"][0].update(addresses=["pacs.example"]), "is no IP address or network"),
        (lambda c: c["http"].update(host="0.0.0.0"), "there is no http.token_file"),
        (lambda c: c["destinations"][0].update(port=11112), "the destination pacs is the node itself; give host and"),
        (
            lambda c: (c["receive"].update(host="0.0.0.0"), c["destinations"][0].update(host="localhost", port=11112)),
            "the destination pacs is the node itself",
        ),
        (lambda c: c["complete"].update(ceiling_s=1), "complete.ceiling_s is below complete.quiet_s"),
        (lambda c: c["receive"].update(tls={"key": "a"}), "receive.tls lacks the key 'certificate'"),
    ],
)
def test_each_mistake_is_said_in_a_sentence(write, change, said):
    path = write(change)
    with pytest.raises(InputError) as caught:
        read_config(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_said_at_once(write):
    with pytest.raises(InputError, match=r"has 2 mistakes: .*spol.*; .*port"):
        read_config(write(lambda c: (c.update(spol=1), c["receive"].update(port=-1))))


def test_a_key_twice_and_no_json_are_refused(tmp_path):
    path = tmp_path / "node.json"
    path.write_text('{"spool": "a", "spool": "b"}')
    with pytest.raises(InputError, match="the key spool twice"):
        read_config(path)
    path.write_text("spool: a")
    with pytest.raises(InputError, match="is no JSON"):
        read_config(path)
    with pytest.raises(InputError, match="No such file"):
        read_config(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("addresses", "address", "fits"),
    [
        (["10.1.2.3"], "10.1.2.3", True),
        (["10.1.2.3"], "10.1.2.4", False),
        (["10.1.0.0/16"], "10.1.9.9", True),
        (["10.1.2.3"], "::ffff:10.1.2.3", True),
        (["fd00::/8"], "fd00::1", True),
        (["fd00::/8", "10.0.0.1"], "10.0.0.2", False),
    ],
)
def test_a_peer_is_known_by_its_address(write, addresses, address, fits):
    config = read_config(write(lambda c: c["receive"]["peers"][0].update(addresses=addresses)))
    assert config.receive.peers[0].is_at(address) is fits


def test_another_machine_may_have_the_port_of_the_node(write):
    config = read_config(write(lambda c: c["destinations"][0].update(host="10.1.2.3", port=11112)))
    assert config.destinations[0].port == config.receive.port


@pytest.mark.parametrize(("part", "host"), [("receive", "nohost.invalid"), ("receive", "192.0.2.1"), ("http", "a..b")])
def test_the_check_names_a_host_that_cannot_be_listened_on(settings, config_file, part, host):
    settings[part]["host"] = host
    if part == "http":
        token = config_file().with_name("token")
        token.write_text("0123456789abcdef")
        settings[part]["token_file"] = str(token)
    with pytest.raises(InputError, match=rf"{part}\.host '{host}' is no address of this machine .*set {part}\.host"):
        next(check(read_config(config_file())))


def test_init_writes_a_config_that_passes_the_check(command, tmp_path):
    file = tmp_path / "node.json"
    assert command("scripts.serve", "init", file).returncode == 0
    assert read_config(file).runtime == "auto"
    again = command("scripts.serve", "init", file)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
