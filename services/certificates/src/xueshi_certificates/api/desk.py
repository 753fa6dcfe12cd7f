"""What every endpoint shows proofs with."""

from dataclasses import dataclass

from xueshi_certificates.domain.content import ProofState
from xueshi_certificates.domain.holder import Holder
from xueshi_certificates.handlers import Tools
from xueshi_certificates.rendering.pdf import PdfPress
from xueshi_certificates.wire.view import ProofView, view_of
from xueshi_kit.db import Database
from xueshi_rulebook import ProofForm


@dataclass(frozen=True, slots=True)
class Desk:
    """The database, the handlers' tools, the PDF press, and the address under which the public finds this service."""

    db: Database
    tools: Tools
    press: PdfPress
    public_url: str

    def masked(self, state: ProofState) -> Holder:
        """Return the holder as the public may see it."""
        return Holder.masked(self.tools.open_identity(state.identity, state.proof.person_key))

    def named(self, state: ProofState) -> Holder:
        """Return the holder as those who may know see it."""
        return Holder.named(self.tools.open_identity(state.identity, state.proof.person_key))

    def form(self, state: ProofState) -> ProofForm:
        """Return the form of the proof's jurisdiction."""
        return self.tools.forms.of(state.proof.content.jurisdiction)

    def view(self, state: ProofState, holder: Holder) -> ProofView:
        """Return what a reader sees who may know this much of the holder."""
        return view_of(state, holder, self.tools.forms, self.public_url)

    async def pdf(self, state: ProofState, holder: Holder) -> bytes:
        """Return the PDF for that reader. Raises `BusyError` and `NoFontError`."""
        return await self.press.pdf(self.view(state, holder), state.proof.issued_at)
