"""Builds the kustomizations of `deploy/k8s` with a real tool, and answers questions about what comes out."""

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[3]
K8S = REPOSITORY / "deploy" / "k8s"
_OLDEST_KUSTOMIZE = 5

Manifest = dict[str, Any]
Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod as its Deployment, StatefulSet or Job makes it."""

    kind: str
    name: str
    labels: Labels
    spec: Manifest

    @property
    def containers(self) -> list[Manifest]:
        """Return all its containers, those that run first included."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def role(self) -> str:
        """Return what the pod does in its service: api, worker, relay, migrate."""
        return self.labels.get("app.kubernetes.io/component", "")

    @property
    def service(self) -> str:
        """Return the service that the pod belongs to."""
        return self.labels.get("app.kubernetes.io/name", "")


@dataclass(frozen=True, slots=True)
class Site:
    """All objects of one overlay."""

    objects: list[Manifest]

    def of(self, kind: str) -> dict[str, Manifest]:
        """Return the objects of a kind by name."""
        return {each["metadata"]["name"]: each for each in self.objects if each["kind"] == kind}

    @property
    def pods(self) -> list[Pod]:
        """Return every pod."""
        made = [each for kind in ("Deployment", "StatefulSet", "Job") for each in self.of(kind).values()]
        return [
            Pod(each["kind"], each["metadata"]["name"], template["metadata"]["labels"], template["spec"])
            for each in made
            for template in (each["spec"]["template"],)
        ]

    @property
    def own_pods(self) -> list[Pod]:
        """Return the pods of the services, their migrations included."""
        return [pod for pod in self.pods if pod.labels.get("app.kubernetes.io/part-of") == "xueshi"]

    def environment(self, container: Manifest) -> dict[str, str]:
        """Return a container's variables; a Secret's value shows as its name and key."""
        maps = self.of("ConfigMap")
        found: dict[str, str] = {}
        for each in container.get("envFrom", []):
            found.update(maps[each["configMapRef"]["name"]]["data"])
        for each in container.get("env", []):
            found[each["name"]] = each["value"] if "value" in each else "secret:{name}/{key}".format(**_key(each))
        return found

    def ports(self, pod: Pod, direction: str) -> set[tuple[str, int]]:
        """Return what the policies let a pod talk to (`egress`) or be asked at (`ingress`): peer and port.

        The peer is its label `app.kubernetes.io/name`, its namespace or address block, or `anybody`.
        """
        found: set[tuple[str, int]] = set()
        for policy in self.of("NetworkPolicy").values():
            if selects(policy["spec"]["podSelector"], pod.labels):
                for rule in policy["spec"].get(direction, []):
                    peers = {_peer(each) for each in rule.get("from", rule.get("to", []))} or {"anybody"}
                    found |= {(peer, port["port"]) for peer in peers for port in rule["ports"]}
        return found


def selects(selector: Manifest, labels: Labels) -> bool:
    """Tell whether a label selector takes these labels."""
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        each["operator"] == "In" and labels.get(each["key"]) in each["values"]
        for each in selector.get("matchExpressions", [])
    )


def secret_references(pod: Pod) -> Iterator[tuple[str, str]]:
    """Yield the Secrets that a pod takes, as name and key."""
    for container in pod.containers:
        for each in container.get("env", []):
            if "valueFrom" in each:
                key = _key(each)
                yield key["name"], key["key"]
    for volume in pod.spec.get("volumes", []):
        if "secret" in volume:
            for item in volume["secret"]["items"]:
                yield volume["secret"]["secretName"], item["key"]


def _key(variable: Manifest) -> dict[str, str]:
    key: dict[str, str] = variable["valueFrom"]["secretKeyRef"]
    return key


def _peer(peer: Manifest) -> str:
    if "ipBlock" in peer:
        return str(peer["ipBlock"]["cidr"])
    labels = {**peer.get("namespaceSelector", {}).get("matchLabels", {})}
    labels.update(peer.get("podSelector", {}).get("matchLabels", {}))
    known = ("app.kubernetes.io/name", "app.kubernetes.io/part-of", "k8s-app", "kubernetes.io/metadata.name")
    return str(next(labels[name] for name in known if name in labels))


@functools.cache
def builder() -> tuple[str, ...] | None:
    """Return the command that builds a folder: kustomize, or a kubectl that holds a new enough one."""
    if shutil.which("kustomize"):
        return ("kustomize", "build")
    if shutil.which("kubectl"):
        answer = _run("kubectl", "version", "--client", "--output=json")
        version = re.match(r"v(\d+)\.", json.loads(answer).get("kustomizeVersion", ""))
        if version and int(version[1]) >= _OLDEST_KUSTOMIZE:
            return ("kubectl", "kustomize")
    return None


@functools.cache
def build(overlay: str) -> Site:
    """Build one of the overlays."""
    command = builder()
    assert command, "ask for the builder first"
    return Site(list(yaml.safe_load_all(_run(*command, str(K8S / "overlays" / overlay)))))


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
