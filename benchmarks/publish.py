"""The dashboard: asv's pages, made to work with no network and from a disk.

    python -m benchmarks.publish      asv publish, and then what `offline` does

asv's pages load scripts from others' servers, and their data by requests, which browsers refuse for files. The scripts
come from npm, with their licences, into `vendor/` beside the pages; the data goes into one script, from which requests
are answered.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ROOT / ".asv" / "html"

VENDORED = {
    "jquery@3.3.1": {"jquery-3.3.1.min.js": "dist/jquery.min.js"},
    "flot@0.8.3": {f"{name}.min.js": f"{name}.js" for name in ("jquery.flot", "jquery.flot.time")}
    | {f"jquery.flot.{name}.min.js": f"jquery.flot.{name}.js" for name in ("selection", "categories")},
    "flot-orderbars@1.0.0": {"jquery.flot.orderBars.js": "js/jquery.flot.orderBars.js"},
    "stupid-table-plugin@1.1.3": {"stupidtable.min.js": "stupidtable.js"},
    "blueimp-md5@2.19.0": {"md5.min.js": "js/md5.min.js"},
    "bootstrap@3.1.1": {
        "bootstrap.min.js": "dist/js/bootstrap.min.js",
        "bootstrap.min.css": "dist/css/bootstrap.min.css",
    },
}
"""By npm package: what asv's page calls a file, and the file in the package."""

ANSWERS = """\
(function () {
  var data = window.asvData, ask = $.ajax;
  $.ajax = function (asked, more) {
    var options = typeof asked === "string" ? $.extend({url: asked}, more) : asked;
    var name = decodeURIComponent(String(options.url).split("?")[0].replace(/^\\.\\//, ""));
    if (!(name in data)) { return ask.apply(this, arguments); }
    var done = $.Deferred();
    setTimeout(function () {
      if (options.success) { options.success(data[name]); }
      done.resolve(data[name]);
      if (options.complete) { options.complete(); }
    }, 0);
    return done.promise();
  };
})();
"""


def offline(pages: Path, cache: Path) -> None:
    """Make published pages work by themselves.

    cache: where packages are kept that were fetched from npm.
    """
    vendor = pages / "vendor"
    vendor.mkdir(exist_ok=True)
    names: dict[str, str] = {}
    for package, files in VENDORED.items():
        unpacked = _unpacked(package, cache)
        for name, source in files.items():
            shutil.copy(unpacked / source, vendor / name)
            names[name] = f"vendor/{name}"
        licences = [file for file in unpacked.iterdir() if re.match(r"licen[cs]e", file.name, re.IGNORECASE)]
        for licence in licences or [unpacked / "package.json"]:  # which names it, where there is no text
            shutil.copy(licence, vendor / f"{package.partition('@')[0]}.{licence.name}")
    index = pages / "index.html"
    text = index.read_text("utf-8")
    text = re.sub(r' (?:integrity|crossorigin|referrerpolicy|onerror)="[^"]*"', "", text)
    text = re.sub(r'(src|href)="https://[^"]*?/([^/"]+\.(?:js|css))"', lambda found: _local(found, names), text)
    text = text.replace("<html", '<html lang="en"', 1) if "lang=" not in text else text
    first = text.index('<script language="javascript"')
    scripts = '<script src="asv-data.js"></script>\n    <script src="asv-answers.js"></script>\n    '
    index.write_text(text[:first] + scripts + text[first:], "utf-8")
    data = {str(path.relative_to(pages)): json.loads(path.read_text("utf-8")) for path in sorted(pages.rglob("*.json"))}
    (pages / "asv-data.js").write_text(f"window.asvData = {json.dumps(data)};\n", "utf-8")
    (pages / "asv-answers.js").write_text(ANSWERS, "utf-8")


def _local(found: "re.Match[str]", names: dict[str, str]) -> str:
    """A name that is not known is left, so that a test of the page finds it."""
    attribute, name = found.groups()
    return f'{attribute}="{names[name]}"' if name in names else found[0]


def _unpacked(package: str, cache: Path) -> Path:
    """The files of a package, from the cache or from npm."""
    kept = cache / package
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as directory:
            command = ["npm", "pack", "--silent", "--pack-destination", directory, package]
            subprocess.run(command, check=True, capture_output=True)
            (archive,) = Path(directory).glob("*.tgz")
            with tarfile.open(archive) as packed:
                packed.extractall(Path(directory) / "unpacked", filter="data")
            (unpacked,) = (Path(directory) / "unpacked").iterdir()
            shutil.copytree(unpacked, kept)
    return kept


def main() -> None:
    """Publish."""
    subprocess.run([Path(sys.executable).parent / "asv", "publish", "--no-pull"], cwd=ROOT, check=True)
    offline(PAGES, ROOT / ".asv" / "npm")
    sys.stdout.write(f"open {PAGES / 'index.html'}\n")


if __name__ == "__main__":
    main()
