namespace CS3103P2P.Peer.Tests;

/// <summary>A folder of a test's own with something to share in it, and the ways to download it.</summary>
internal sealed class StorageFixture : IAsyncDisposable
{
    private StorageFixture(string root) => Root = root;

    internal string Root { get; }

    internal string SourcePath => Path.Combine(Root, "source");

    internal string TargetPath => Path.Combine(Root, "target");

    internal FaultyDisk Disk { get; } = new();

    internal ManualTime Time { get; } = new();

    internal Guid BootId { get; set; } = new("11111111-2222-3333-4444-555555555555");

    internal SharedContent Source { get; private set; } = null!;

    internal static async Task<StorageFixture> OfFileAsync(int length, int? chunkSize = null)
    {
        var fixture = new StorageFixture(Directory.CreateTempSubdirectory("p2p-store-").FullName);
        await File.WriteAllBytesAsync(fixture.SourcePath, MakeData(length));
        await fixture.ShareAsync(chunkSize);
        return fixture;
    }

    internal static async Task<StorageFixture> OfFolderAsync(int chunkSize, params (string Path, int Length)[] files)
    {
        var fixture = new StorageFixture(Directory.CreateTempSubdirectory("p2p-store-").FullName);
        Directory.CreateDirectory(fixture.SourcePath);
        foreach ((string path, int length) in files)
        {
            string full = Path.Combine(fixture.SourcePath, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            if (length < 0) Directory.CreateDirectory(full);
            else await File.WriteAllBytesAsync(full, MakeData(length));
        }

        await fixture.ShareAsync(chunkSize);
        return fixture;
    }

    internal Task<IDownloadContent> OpenAsync(bool overwrite = false, bool replaceOther = false, string? target = null) =>
        DownloadTarget.OpenAsync(
            Source.Descriptor,
            target ?? TargetPath,
            new DownloadTargetOptions { Disk = Disk, Time = Time, BootId = BootId, Overwrite = overwrite, ReplaceOtherPartial = replaceOther },
            null,
            CancellationToken.None);

    /// <summary>Gives the download what it needs to verify a chunk.</summary>
    internal void SupplyHashes(IDownloadContent download, int chunk)
    {
        byte[] buffer = new byte[1024 * 1024];
        for (int steps = 0; download.NeedFor(chunk, out int index) is not VerificationNeed.None and var need; steps++)
        {
            Assert.IsLessThan(4, steps, "The download asks for the same again.");
            Assert.IsTrue(need switch
            {
                VerificationNeed.Manifest => download.TryAcceptManifest(Source.ManifestBytes.Span),
                VerificationNeed.GroupRoots => download.TryAcceptGroupRoots(index, buffer.AsSpan(0, Source.CopyGroupRoots(index, 0, buffer))),
                _ => download.TryAcceptHashGroup(index, buffer.AsSpan(0, Source.CopyHashGroup(index, buffer))),
            });
        }
    }

    internal byte[] Read(int chunk)
    {
        byte[] data = new byte[Source.Layout.Locate(chunk).Length];
        Assert.AreEqual(data.Length, Source.ReadChunk(chunk, 0, data));
        return data;
    }

    internal ChunkVerdict Transfer(IDownloadContent download, int chunk)
    {
        SupplyHashes(download, chunk);
        return download.AcceptChunk(chunk, Read(chunk));
    }

    internal void TransferAll(IDownloadContent download)
    {
        if (download.Layout is null) Assert.IsTrue(download.TryAcceptManifest(Source.ManifestBytes.Span));
        for (int chunk = 0; chunk < Source.Layout.ChunkCount; chunk++)
        {
            if (!download.HasChunk(chunk)) Assert.AreEqual(ChunkVerdict.Verified, Transfer(download, chunk), $"chunk {chunk}");
        }
    }

    internal static byte[] MakeData(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        return data;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private async Task ShareAsync(int? chunkSize) =>
        Source = await SharedContent.CreateAsync(new LocalDisk(), SourcePath, "source", chunkSize, null, CancellationToken.None);
}
