"""Which IP addresses are called: the first and last of each private range, what lies beside it, and disguises."""

import pytest

from chalicelib.shared.addresses import is_public

PUBLIC = [
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2000::", "2400:3200::1", "2606:4700::1111", "3ffe:ffff::1"),
]
PRIVATE = [
    *("0.0.0.0", "0.255.255.255"),  # this network
    *("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"),
    *("192.168.0.0", "192.168.255.255"),
    *("100.64.0.0", "100.100.100.200", "100.127.255.255"),  # shared by carriers and clouds
    *("127.0.0.0", "127.0.0.1", "127.255.255.255"),
    *("169.254.0.0", "169.254.169.254", "169.254.255.255"),  # link-local: metadata of a cloud
    *("192.0.0.0", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.0", "198.19.255.255"),
    *("224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255"),
    *("::", "::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1"),
    *("ff00::1", "ff02::1", "2001:db8::1", "100::1", "1fff::1", "4000::1"),
]
DISGUISED = [
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8"),  # mapped and compatible: never a peer
    *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"),  # NAT64
    *("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1"),  # 6to4
    *("2001:0:53aa:64c:0:fbff:80ff:fffe", "2001::1"),  # Teredo
    *("2400:3200::1%eth0", "fe80::1%1"),
]
NO_ADDRESS = ["", "localhost", "127.1", "0x7f000001", "2130706433", "010.0.0.1", "1.2.3", "::g"]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [*PRIVATE, *DISGUISED, *NO_ADDRESS])
def test_another_address_is_not(address: str) -> None:
    assert not is_public(address)
