using System.Diagnostics;
using System.Text.Json;

namespace CS3103P2P.Interop.Utp;

/// <summary>libtorrent in a process of its own, speaking uTP only; in its own folder, which goes with it.</summary>
internal sealed class LibtorrentPeer : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;
    private readonly string _folder;
    private readonly Task<string> _errors;

    private LibtorrentPeer(Process process, string folder)
    {
        _process = process;
        _folder = folder;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public ushort Port { get; private set; }

    public byte[] InfoHash { get; private set; } = [];

    public int Size { get; private set; }

    public int PieceLength { get; private set; }

    public byte[][] PieceHashes { get; private set; } = [];

    /// <summary>The shared file.</summary>
    public string ContentPath => Path.Combine(_folder, "seed", "content.bin");

    /// <summary>Starts it, or ends the test as inconclusive when it is not installed.</summary>
    public static async Task<LibtorrentPeer> StartAsync(string mode, int size, ushort port, CancellationToken ct)
    {
        if (!File.Exists(Python)) Assert.Inconclusive("python3 is not installed.");
        string folder = Directory.CreateTempSubdirectory("p2p-utp-").FullName;
        string script = Path.Combine(AppContext.BaseDirectory, "Utp", "libtorrent_utp.py");
        var start = new ProcessStartInfo(Python, [script, mode, folder, $"{size}", $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var peer = new LibtorrentPeer(Process.Start(start)!, folder);
        JsonElement hello = await peer.ReadLineAsync(ct);
        peer.Port = hello.GetProperty("port").GetUInt16();
        peer.InfoHash = Convert.FromHexString(hello.GetProperty("info_hash").GetString()!);
        peer.Size = hello.GetProperty("size").GetInt32();
        peer.PieceLength = hello.GetProperty("piece_length").GetInt32();
        peer.PieceHashes = [.. hello.GetProperty("hashes").EnumerateArray().Select(hash => Convert.FromHexString(hash.GetString()!))];
        return peer;
    }

    /// <summary>The next line that it prints.</summary>
    public async Task<JsonElement> ReadLineAsync(CancellationToken ct)
    {
        string? line = await _process.StandardOutput.ReadLineAsync(ct);
        if (line is not null) return JsonDocument.Parse(line).RootElement;
        string errors = await _errors;
        if (errors.Contains("No module named 'libtorrent'", StringComparison.Ordinal)) Assert.Inconclusive("python3-libtorrent is not installed.");
        throw new InvalidOperationException($"libtorrent ended: {errors}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
