"""PDF: the text layer of each page, and the title of the document."""

import io

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from app.files.types import DAMAGE, FileText, clean, unreadable

MAX_PAGES = 5_000
MAX_CHARACTERS = 20_000_000
OF_PDF: tuple[type[Exception], ...] = (PyPdfError, *DAMAGE)
BROKEN = ("The file cannot be read as PDF: it is damaged or is not a PDF.", "Open it and save it again as PDF.")


def read(content: bytes) -> list[FileText]:
    if b"%PDF-" not in content[:1024]:
        raise unreadable(*BROKEN)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise unreadable("The PDF is encrypted.", "Remove its password, then send it again.")
        pages = len(reader.pages)
        if pages > MAX_PAGES:
            raise unreadable(f"The PDF has {pages} pages; {MAX_PAGES} are the limit.", "Split it.")
        text = clean("\n\n".join(_pages(reader)))
        title = " ".join((reader.metadata.title or "").split()) if reader.metadata else ""
    except DependencyError as error:
        raise unreadable("The PDF is encrypted.", "Remove its password, then send it again.") from error
    except OF_PDF as error:
        raise unreadable(*BROKEN) from error
    if not text:
        raise unreadable("The PDF has no text: its pages are images.", "Run text recognition (OCR) over it first.")
    return [FileText(text, title=clean(title))]


def _pages(reader: PdfReader) -> list[str]:
    texts = []
    size = 0
    for page in reader.pages:
        texts.append(page.extract_text())
        size += len(texts[-1])
        if size > MAX_CHARACTERS:
            raise unreadable(f"The PDF has more than {MAX_CHARACTERS} characters.", "Split it.")
    return texts
