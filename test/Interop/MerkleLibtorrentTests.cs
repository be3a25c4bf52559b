using System.Diagnostics;
using CS3103P2P.Protocol;

namespace CS3103P2P.Interop;

/// <summary>Roots and piece layers must be those that libtorrent puts into a v2 torrent (BEP 52).</summary>
[TestClass]
public sealed class MerkleLibtorrentTests
{
    private const string Python = "/usr/bin/python3";

    // Prints "<size> <piece size> <pieces root> <piece layer>" for every file of the torrent.
    private const string Script = """
        import sys, libtorrent as lt
        folder, piece, sizes = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(',')
        for size in sizes:
            fs = lt.file_storage()
            lt.add_files(fs, folder + '/' + size)
            t = lt.create_torrent(fs, piece, flags=lt.create_torrent.v2_only)
            lt.set_piece_hashes(t, folder)
            e = t.generate()
            entry = e[b'info'][b'file tree'][size.encode()][b'']
            root = entry.get(b'pieces root', b'')
            print(size, root.hex() or '-', e.get(b'piece layers', {}).get(root, b'').hex() or '-')
        """;

    [TestMethod]
    [DataRow(16384)]
    [DataRow(65536)]
    [DataRow(1048576)]
    public async Task Roots_ManySizes_AreThoseOfLibtorrent(int pieceSize)
    {
        string folder = Directory.CreateTempSubdirectory("p2p-merkle-").FullName;
        try
        {
            int[] sizes = [1, 16383, 16384, 16385, 32768, 49153, 65536, 65537, 1 << 20, (1 << 20) + 1, (3 << 20) + 12345];
            foreach (int size in sizes) await File.WriteAllBytesAsync(Path.Combine(folder, $"{size}"), MakeData(size));
            string output = await RunAsync(folder, pieceSize, string.Join(',', sizes));
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.HasCount(sizes.Length, lines, output);
            foreach (string line in lines) AssertSame(line.Split(' '), pieceSize);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertSame(string[] fields, int pieceSize)
    {
        byte[] data = MakeData(int.Parse(fields[0], System.Globalization.CultureInfo.InvariantCulture));
        var layout = new MerkleLayout(data.Length, pieceSize);
        var hashes = new Sha256Digest[layout.ChunkCount];
        for (int i = 0; i < hashes.Length; i++)
            hashes[i] = MerkleTree.HashChunk(layout, data.AsSpan(i * pieceSize, layout.ChunkLength(i)));
        Sha256Digest root = MerkleTree.RootOfChunks(layout, hashes);
        Assert.AreEqual(fields[1], root.IsZero ? "-" : root.ToString(), $"root of {data.Length} bytes in pieces of {pieceSize}");
        Assert.AreEqual(fields[2], hashes.Length > 1 ? string.Concat(hashes) : "-", $"layer of {data.Length} bytes in pieces of {pieceSize}");
    }

    private static async Task<string> RunAsync(string folder, int pieceSize, string sizes)
    {
        if (!File.Exists(Python)) Assert.Inconclusive("There is no /usr/bin/python3 here.");
        var start = new ProcessStartInfo(Python, ["-c", Script, folder, $"{pieceSize}", sizes])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if ((await errors).Contains("No module named 'libtorrent'", StringComparison.Ordinal)) Assert.Inconclusive("python3-libtorrent is missing.");
        Assert.AreEqual(0, process.ExitCode, await errors);
        return output;
    }

    private static byte[] MakeData(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        return data;
    }
}
