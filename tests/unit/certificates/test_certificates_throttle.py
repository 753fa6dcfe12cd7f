from xueshi_certificates.api.throttle import Throttle


def test_an_address_waits_once_its_minute_is_used_up_and_others_do_not() -> None:
    now = 100.0
    throttle = Throttle(2, lambda: now)
    assert [throttle.wait_seconds("127.0.0.1") for _ in range(3)] == [0, 0, 61]
    assert throttle.wait_seconds("127.0.0.2") == 0
    now = 130.5
    assert throttle.wait_seconds("127.0.0.1") == 30
    now = 160.0
    assert throttle.wait_seconds("127.0.0.1") == 0


def test_addresses_of_one_ipv6_network_count_together() -> None:
    throttle = Throttle(1, lambda: 0.0)
    assert throttle.wait_seconds("2001:db8:1:2::1") == 0
    assert throttle.wait_seconds("2001:db8:1:2:ffff::9") > 0
    assert throttle.wait_seconds("2001:db8:1:3::1") == 0
