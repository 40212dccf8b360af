"""Files of every format that is read, made by the libraries that write them."""

import io
import zipfile
from email.message import EmailMessage

from docx import Document
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

HERON = "The heron nests by the old mill."


def pdf(*pages: str, title: str = "Birds") -> bytes:
    """A page without text gets a line drawn on it."""
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.setTitle(title)
    for text in pages:
        if text:
            canvas.drawString(72, 720, text)
        else:
            canvas.line(72, 720, 300, 500)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def encrypted_pdf(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(HERON))))
    writer.encrypt(password, algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def docx(title: str = "Birds") -> bytes:
    document = Document()
    document.core_properties.title = title
    document.add_paragraph(HERON)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ("bird", "nests", "heron", "mill"), strict=True
    ):
        cell.text = text
    document.add_paragraph("After the table.")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def zip_bomb() -> bytes:
    """A .docx of some 100 KB whose main part unpacks to 80 MB."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx())) as sound, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in sound.namelist():
            padding = b" " * 80_000_000 if name == "word/document.xml" else b""
            bomb.writestr(name, sound.read(name) + padding)
    return target.getvalue()


def mail(html_only: bool = False) -> bytes:
    message = EmailMessage()
    message["Subject"] = "The nest at the mill"
    message["From"] = "Mira Janssen <mira@example.org>"
    message["Date"] = "Sun, 01 Mar 2026 09:30:00 +0100"
    if html_only:
        message.set_content(f"<html><body><p>{HERON}</p><script>alert(1)</script></body></html>", subtype="html")
    else:
        message.set_content(HERON)
        message.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="photo.bin")
    return message.as_bytes()
