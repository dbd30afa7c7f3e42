// Packs: the wasm files that the page's part takes beyond those of every page, in one file, and those that its open tab takes beyond
// the part. This script stands before the generated loaders, whose calls of `fetch` therefore get the files of the packs, and all
// others from the server.

const packs = [];

/** Requests a pack. If it can't be loaded, its files are requested one by one. */
export function loadPack(url) {
    packs.push(globalThis.fetch(url).then(unpack).catch(() => new Map()));
}

/** Reads the format that `pack.rs` writes. */
async function unpack(response) {
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    const bytes = await response.arrayBuffer();
    const headLength = new DataView(bytes).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, headLength)));
    let start = 4 + headLength;
    return new Map(head.map(([name, length]) => {
        const file = [name, new Uint8Array(bytes, start, length)];
        start += length;
        return file;
    }));
}

async function fetch(url) {
    const name = url.pathname.split("/").pop();
    for (const pack of packs) {
        const files = await pack;
        const file = files.get(name);
        if (file === undefined) continue;
        files.delete(name);
        return new Response(file, { headers: { "content-type": "application/wasm" } });
    }
    return globalThis.fetch(url);
}

