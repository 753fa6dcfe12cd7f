"""What holds for every object of `deploy/k8s`, whichever overlay."""

import importlib
import re
from pathlib import Path

import pytest

from tests.contract.deploy.manifests import REPOSITORY, Manifest, Pod, Site, secret_references, selects
from xueshi_cli.site.layout import AUDIENCE, BUCKETS, SERVICES, ServiceSpec
from xueshi_kit.settings import ServiceSettings

PORT = 8080
POSTGRES = {"local": "postgres", "province": "192.0.2.16/28"}
KAFKA = "192.0.2.32/28"
ANSWERING_SECONDS = 15
"""How long a stopping service may still answer what it has (`xueshi_kit.service`)."""
PUBLIC = {"identity", "gateway", "certificates", "title-review"}
BY_NAME = {service.name: service for service in SERVICES}


def roles_of(service: ServiceSpec) -> set[str]:
    """Return the roles that run of a service; one without the bus has nothing to relay."""
    return {"api", "worker", "relay"} if service.listens else {"api", "worker"}


def running(site: Site) -> list[Pod]:
    """Return the pods that run a service: no migrations."""
    return [pod for pod in site.own_pods if pod.kind == "Deployment"]


def settings_of(site: Site, pod: Pod, monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    """Return the settings that the pod's service reads from its environment."""
    with monkeypatch.context() as patched:
        for name, value in site.environment(pod.spec["containers"][0]).items():
            patched.setenv(name, value)
        found: ServiceSettings = settings_class(pod)()
        return found


def settings_class(pod: Pod) -> type[ServiceSettings]:
    name = BY_NAME[pod.service].package if pod.service in BY_NAME else "xueshi_kit"
    module = importlib.import_module(f"{name}.settings")
    found: type[ServiceSettings] = getattr(module, "Settings", ServiceSettings)
    return found


def test_every_service_of_the_layout_is_there_in_every_role(site: Site) -> None:
    expected = {f"{service.name}-{role}" for service in SERVICES for role in roles_of(service)}
    assert set(site.of("Deployment")) == expected
    assert set(site.of("PodDisruptionBudget")) == expected
    assert set(site.of("Job")) - {"bus-install"} == {f"{service.name}-migrate" for service in SERVICES}
    assert set(site.of("Service")) - {"postgres"} == {f"{service.name}-api" for service in SERVICES}
    assert set(site.of("ServiceAccount")) - {"bus"} == {f"{service.name}-service" for service in SERVICES}


def test_pods_run_their_services_own_module_and_image_in_their_role(site: Site) -> None:
    pods = [pod for pod in site.own_pods if pod.name != "bus-install"]
    for pod in pods:
        (container,) = pod.spec["containers"]
        service = BY_NAME[pod.service]
        assert container["command"] == ["/opt/xueshi/bin/python", "-m", service.package], pod.name
        assert container["args"] == [pod.role]
        assert pod.name == f"{service.name}-{pod.role}"
        assert {each["image"].rpartition(":")[0] for each in pod.containers} == {f"xueshi/{service.name}"}


def test_the_image_has_what_the_pods_name() -> None:
    dockerfile = (REPOSITORY / "deploy/images/service.Dockerfile").read_text()
    assert "COPY --from=installed /opt/xueshi /opt/xueshi" in dockerfile
    assert "USER 10001" in dockerfile
    assert f"EXPOSE {PORT}" in dockerfile


def test_images_have_a_version(site: Site) -> None:
    images = {container["image"] for pod in site.pods for container in pod.containers}
    assert [image for image in images if not re.fullmatch(r"[a-z0-9/.-]+:\d+(\.\d+)*", image)] == []


def test_no_container_has_more_rights_than_it_needs(site: Site) -> None:
    for pod in site.pods:
        security = pod.spec["securityContext"]
        assert security["runAsNonRoot"] is True, pod.name
        assert security["runAsUser"] == (10001 if pod in site.own_pods else 999)
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod.spec["automountServiceAccountToken"] is False
        assert pod.spec["enableServiceLinks"] is False, "another Service's variables could read as settings"
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod.spec)
        assert all(set(volume) & {"secret", "configMap", "emptyDir"} for volume in pod.spec.get("volumes", []))
        for container in pod.containers:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
            assert container["resources"]["limits"].keys() >= {"memory"}
    assert not any(account["automountServiceAccountToken"] for account in site.of("ServiceAccount").values())
    (namespace,) = site.of("Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"].get("namespace", "") for each in site.objects if each is not namespace} == {"xueshi"}


def test_every_variable_is_a_setting_of_the_service_that_gets_it(site: Site) -> None:
    for pod in site.own_pods:
        known = {f"XUESHI_{name.upper()}" for name in settings_class(pod).model_fields}
        for container in pod.containers:
            given = {name for name in site.environment(container) if name.startswith("XUESHI_")}
            assert given <= known, pod.name


def test_the_settings_make_one_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = set()
    for pod in running(site):
        settings = settings_of(site, pod, monkeypatch)
        kinds.add(settings.bus)
        assert settings.bus_url.get_secret_value(), pod.name
        assert (settings.host, settings.port) == ("0.0.0.0", PORT)  # noqa: S104 - the pod's own addresses
        assert (settings.buckets, settings.audience) == (BUCKETS, AUDIENCE)
        assert settings.jwks_url == f"http://identity-api:{PORT}/.well-known/jwks.json"
        if pod.service == "identity":
            assert settings.issuer == settings.public_url
    assert len(kinds) == 1, "one bus for all"


def test_ports_and_probes_meet(site: Site) -> None:
    for pod in running(site):
        (container,) = pod.spec["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": PORT}], pod.name
        paths = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
        assert paths["startup"] == paths["liveness"] == {"path": "/healthz", "port": "http"}
        assert paths["readiness"] == {"path": "/readyz", "port": "http"}
    for name, service in site.of("Service").items():
        behind = [pod for pod in site.pods if selects({"matchLabels": service["spec"]["selector"]}, pod.labels)]
        assert [pod.name for pod in behind] == [name]
        named = {port["name"] for pod in behind for each in pod.containers for port in each.get("ports", [])}
        assert {port["targetPort"] for port in service["spec"]["ports"]} == named
    for ingress in site.of("Ingress").values():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["backend"]["service"]["name"] in site.of("Service")


def test_a_stopping_pod_has_time_to_drain(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for pod in running(site):
        drain = settings_of(site, pod, monkeypatch).drain_seconds
        probe = pod.spec["containers"][0]["readinessProbe"]
        assert pod.spec["terminationGracePeriodSeconds"] >= drain + ANSWERING_SECONDS + 5, pod.name
        if pod.role == "api":
            assert drain > probe["periodSeconds"] * probe["failureThreshold"], "it must be seen as unready"


def test_each_deployment_is_spread_and_keeps_pods_in_a_disruption(site: Site) -> None:
    for name, deployment in site.of("Deployment").items():
        (pod,) = [each for each in site.pods if each.name == name]
        (spread,) = pod.spec["topologySpreadConstraints"]
        budget = site.of("PodDisruptionBudget")[name]["spec"]
        assert budget["maxUnavailable"] == 1
        for selector in (deployment["spec"]["selector"], spread["labelSelector"], budget["selector"]):
            assert [each.name for each in site.pods if selects(selector, each.labels)] == [name]


def test_nothing_secret_stands_in_the_files(site: Site) -> None:
    assert site.of("Secret") == {}
    plain = [value for each in site.of("ConfigMap").values() for value in each["data"].values()]
    plain += [each.get("value", "") for pod in site.pods for box in pod.containers for each in box.get("env", [])]
    assert [value for value in plain if "@" in value or re.search(r"(?i)password|BEGIN|secret", value)] == []
    for pod in site.own_pods:
        for container in pod.spec["containers"]:
            for name, value in site.environment(container).items():
                if name.endswith("DATABASE_URL"):
                    assert value.startswith("secret:"), pod.name


def test_only_migrations_have_the_owners_secret(site: Site) -> None:
    for pod in site.own_pods:
        names = {name for name, _ in secret_references(pod)}
        owner = {f"{pod.service}-owner"}
        runtime = {pod.service, "bus"} if "bus-install" in site.of("Job") else {pod.service}
        assert names == (owner if pod.role == "migrate" else runtime), pod.name


def test_the_key_file_reaches_the_service_as_a_copy_of_its_own(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for pod in running(site):
        (first,), (container,) = pod.spec["initContainers"], pod.spec["containers"]
        volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
        assert first["command"][-1] == str(settings_of(site, pod, monkeypatch).keys_file)
        assert mounted(first, Path(first["command"][-1])) == mounted(container, Path(first["command"][-1])) == "keys"
        assert mounted(first, Path(first["command"][-2])) == "secret"
        assert volumes["keys"]["emptyDir"]["medium"] == "Memory"
        assert volumes["secret"]["secret"]["defaultMode"] == 0o400
        assert pod.spec["securityContext"]["fsGroup"] == pod.spec["securityContext"]["runAsGroup"]
        assert "secret" not in {each["name"] for each in container["volumeMounts"]}


def mounted(container: Manifest, file: Path) -> str:
    """Return the name of the volume that is mounted where a file is."""
    (name,) = [each["name"] for each in container["volumeMounts"] if each["mountPath"] == str(file.parent)]
    return str(name)


def test_the_network_lets_through_what_the_architecture_needs_and_no_more(site: Site) -> None:
    deny = site.of("NetworkPolicy")["default-deny"]["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    local = "postgres" in site.of("StatefulSet")
    base = {("kube-dns", 53), (POSTGRES["local" if local else "province"], 5432)}
    bus = set() if local else {(KAFKA, 9092)}
    for pod in site.own_pods:
        out = base if pod.role == "migrate" else base | bus
        assert site.ports(pod, "egress") == (out | {("identity", PORT)} if pod.role == "api" else out), pod.name
        asked = {("anybody" if local else "ingress", PORT)} if pod.service in PUBLIC else set()
        issuer = {("xueshi", PORT)} if pod.service == "identity" else set()
        assert site.ports(pod, "ingress") == (asked | issuer if pod.role == "api" else set()), pod.name


def test_every_object_is_what_kubernetes_knows(site: Site) -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for each in site.objects:
        kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)
