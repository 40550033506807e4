// Verify a log that Insyn wrote with the Go checksum database's own packages, which know nothing of Insyn.
//
//	verify FOLDER VKEYFILE [OLDSIZE OLDROOT]
//
// Opens the checkpoint note, reads the tiles against the checkpoint's root, compares every entry in the bundles with its record hash in the
// tiles, rebuilds the tree from the entries alone, and proves from the tiles that the tree of OLDSIZE entries with root OLDROOT (base64)
// is the beginning of this one (without these, that of half its size). Prints "ok SIZE"; exit 1 with a message otherwise.
//
// The tree is rebuilt because x/mod 0.7 does not compare every full tile with the one above it when several subtrees of the tree's right
// edge lie in one tile.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func main() {
	size, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok", size)
}

func run(args []string) (int64, error) {
	if len(args) != 2 && len(args) != 4 {
		return 0, fmt.Errorf("usage: verify FOLDER VKEYFILE [OLDSIZE OLDROOT]")
	}
	folder := args[0]
	tree, err := openCheckpoint(folder, args[1])
	if err != nil {
		return 0, err
	}
	if tree.N == 0 {
		return 0, checkEmpty(tree)
	}
	reader := tlog.TileHashReader(tree, tiles{folder})
	var rebuilt stored
	for first := int64(0); first < tree.N; first += width {
		records, err := checkBundle(folder, first, tree.N, reader)
		if err != nil {
			return 0, err
		}
		if err := rebuilt.add(first, records); err != nil {
			return 0, err
		}
	}
	root, err := tlog.TreeHash(tree.N, rebuilt)
	if err != nil {
		return 0, err
	}
	if root != tree.Hash {
		return 0, fmt.Errorf("the tree of the entries has the root %v, the checkpoint says %v", root, tree.Hash)
	}
	old, err := oldTree(args[2:], tree, rebuilt)
	if err != nil {
		return 0, err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return 0, err
	}
	return tree.N, tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

// stored is a tlog.HashReader over hashes that were computed from the entries.
type stored []tlog.Hash

func (s *stored) add(first int64, records []tlog.Hash) error {
	for i, record := range records {
		hashes, err := tlog.StoredHashesForRecordHash(first+int64(i), record, *s)
		if err != nil {
			return err
		}
		*s = append(*s, hashes...)
	}
	return nil
}

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = s[index]
	}
	return hashes, nil
}

func openCheckpoint(folder, keyFile string) (tlog.Tree, error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return tlog.Tree{}, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return tlog.Tree{}, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	return parseTree(lines[1], lines[2])
}

func parseTree(size, root string) (tlog.Tree, error) {
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(root)
	return tlog.Tree{N: n, Hash: hash}, err
}

func checkEmpty(tree tlog.Tree) error {
	// SHA-256 of nothing, RFC 6962 2.1
	const empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	if got := base64.StdEncoding.EncodeToString(tree.Hash[:]); got != empty {
		return fmt.Errorf("the root of an empty log is %s", got)
	}
	return nil
}

func oldTree(args []string, tree tlog.Tree, reader tlog.HashReader) (tlog.Tree, error) {
	if len(args) == 2 {
		return parseTree(args[0], args[1])
	}
	size := (tree.N + 1) / 2
	hash, err := tlog.TreeHash(size, reader)
	return tlog.Tree{N: size, Hash: hash}, err
}

// checkBundle compares each entry of the bundle that begins at first with its hash in the tiles, and returns the record hashes.
func checkBundle(folder string, first, size int64, reader tlog.HashReader) ([]tlog.Hash, error) {
	count := size - first
	if count > width {
		count = width
	}
	path := tilePath("entries", first/width, int(count))
	data, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	indexes := make([]int64, count)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for i, hash := range hashes {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s: ends before entry %d", path, first+int64(i))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if tlog.RecordHash(data[2:end]) != hash {
			return nil, fmt.Errorf("%s: entry %d has another record hash than the tile", path, first+int64(i))
		}
		data = data[end:]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("%s: %d bytes too many", path, len(data))
	}
	return hashes, nil
}

// tilePath is the path of C2SP tlog-tiles, which unlike Go's own has no height in it.
func tilePath(level string, n int64, w int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + level + "/" + path
	if w < width {
		path += ".p/" + strconv.Itoa(w)
	}
	return path
}

// tiles is a tlog.TileReader over a folder.
type tiles struct{ folder string }

func (tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(filepath.Join(t.folder, tilePath(strconv.Itoa(tile.L), tile.N, tile.W)))
		if os.IsNotExist(err) {
			data, err = os.ReadFile(filepath.Join(t.folder, tilePath(strconv.Itoa(tile.L), tile.N, width)))
		}
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is too short", tile.Path())
		}
		read = append(read, data[:tile.W*tlog.HashSize])
	}
	return read, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
