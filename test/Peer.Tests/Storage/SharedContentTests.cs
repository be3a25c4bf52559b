using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests;

[TestClass]
public sealed class SharedContentTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2047)]
    [DataRow(2048)]
    [DataRow(2049)]
    [DataRow(3_000_001)]
    public async Task CreateAsync_AnySize_ServesVerifiedChunks(int length)
    {
        foreach (int? chunkSize in new int?[] { 2048, null })
        {
            await using StorageFixture fixture = await StorageFixture.OfFileAsync(length, chunkSize);
            byte[] data = StorageFixture.MakeData(length);
            SharedContent source = fixture.Source;
            MerkleLayout tree = source.Layout.TreeOf(0);
            var hashes = new Sha256Digest[tree.ChunkCount];
            for (int chunk = 0; chunk < hashes.Length; chunk++) hashes[chunk] = MerkleTree.HashChunk(tree, fixture.Read(chunk));
            Assert.AreEqual(MerkleTree.RootOfChunks(tree, hashes), source.Descriptor.Root);
            Assert.AreEqual(data.Length, source.Descriptor.SizeBytes);
            Assert.IsTrue(source.IsComplete);
            byte[] part = new byte[100];
            if (length > 2100)
            {
                Assert.AreEqual(100, source.ReadChunk(0, 50, part));
                CollectionAssert.AreEqual(data[50..150], part);
            }
        }
    }

    [TestMethod]
    public async Task ReadChunk_PastTheEnds_ReturnsZeroOrMinusOne()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(3000, 2048);
        byte[] buffer = new byte[4096];
        Assert.AreEqual(952, fixture.Source.ReadChunk(1, 0, buffer));
        Assert.AreEqual(0, fixture.Source.ReadChunk(1, 952, buffer));
        Assert.AreEqual(0, fixture.Source.ReadChunk(1, int.MaxValue, buffer));
        Assert.AreEqual(-1, fixture.Source.ReadChunk(2, 0, buffer));
        Assert.AreEqual(-1, fixture.Source.ReadChunk(-1, 0, buffer));
    }

    [TestMethod]
    public async Task ReadChunk_FileChanged_IsNoLongerServed()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, ("a", 5000), ("b", 5000));
        await using (var stream = new FileStream(Path.Combine(fixture.SourcePath, "a"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.WriteByte(1);
        File.SetLastWriteTimeUtc(Path.Combine(fixture.SourcePath, "a"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        byte[] buffer = new byte[2048];
        Assert.AreEqual(-1, fixture.Source.ReadChunk(0, 0, buffer));
        Assert.IsFalse(fixture.Source.IsComplete);
        Assert.IsFalse(fixture.Source.HasChunk(1));
        Assert.AreEqual(2048, fixture.Source.ReadChunk(3, 0, buffer));
        File.Delete(Path.Combine(fixture.SourcePath, "b"));
        Assert.AreEqual(3, fixture.Source.VerifiedCount);
    }

    [TestMethod]
    public async Task CreateAsync_Folder_ListsFilesAndEmptyFolders()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, ("b/x.txt", 10), ("a", 0), ("e/f", -1), ("Tiếng Việt", 4096));
        Assert.IsTrue(ShareManifest.TryParse(fixture.Source.ManifestBytes.Span, out ShareManifest? manifest));
        CollectionAssert.AreEqual(new[] { "Tiếng Việt", "a", "b/x.txt" }, manifest.Files.Select(file => file.Path).ToArray());
        CollectionAssert.AreEqual(new[] { "e/f" }, manifest.EmptyFolders.ToArray());
        Assert.AreEqual(ShareKind.Directory, fixture.Source.Descriptor.Kind);
        Assert.AreEqual(3, fixture.Source.Descriptor.ChunkCount);
    }

    [TestMethod]
    public async Task CreateAsync_LinkOutOfTheFolder_IsRefused()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, ("a", 10));
        string link = Path.Combine(fixture.SourcePath, "link");
        File.CreateSymbolicLink(link, Path.Combine(fixture.SourcePath, "a"));
        await using (SharedContent shared = await ShareAsync(fixture.SourcePath)) Assert.AreEqual(2, shared.Layout.FileCount);
        File.Delete(link);
        File.CreateSymbolicLink(link, "/etc/hostname");
        await AssertFailsAsync(StorageErrorReason.InvalidPath, () => ShareAsync(fixture.SourcePath));
        File.Delete(link);
        Directory.CreateSymbolicLink(link, fixture.SourcePath);
        await AssertFailsAsync(StorageErrorReason.InvalidPath, () => ShareAsync(fixture.SourcePath));
    }

    [TestMethod]
    public async Task CreateAsync_MissingOrCollidingOrCancelled_Fails()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, ("a", 10), ("B", 10));
        await AssertFailsAsync(StorageErrorReason.NotFound, () => ShareAsync(fixture.TargetPath));
        await File.WriteAllTextAsync(Path.Combine(fixture.SourcePath, "b"), "x");
        await AssertFailsAsync(StorageErrorReason.InvalidPath, () => ShareAsync(fixture.SourcePath));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => SharedContent.CreateAsync(new LocalDisk(), Path.Combine(fixture.SourcePath, "a"), "n", null, null, cancelled.Token));
    }

    [TestMethod]
    public async Task CreateAsync_ManyFiles_KeepsFewOpen()
    {
        (string, int)[] files = [.. Enumerable.Range(0, 3 * FileSet.MaxOpenFiles).Select(i => ($"d{i % 7}/f{i}", i))];
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, files);
        Parallel.For(0, fixture.Source.Layout.ChunkCount, chunk => fixture.Read(chunk));
        Assert.AreEqual(files.Length - 1, fixture.Source.Layout.ChunkCount);
    }

    [TestMethod]
    public async Task CreateAsync_Progress_EndsAtTheTotal()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5_000_000);
        var progress = new MaxProgress();
        await using SharedContent shared = await SharedContent.CreateAsync(
            new LocalDisk(), fixture.SourcePath, "n", null, progress, CancellationToken.None);
        Assert.AreEqual(new HashProgress(5_000_000, 5_000_000), progress.Furthest);
    }

    private static Task<SharedContent> ShareAsync(string path) =>
        SharedContent.CreateAsync(new LocalDisk(), path, "n", 2048, null, CancellationToken.None);

    private static async Task AssertFailsAsync(StorageErrorReason reason, Func<Task> action) =>
        Assert.AreEqual(reason, (await Assert.ThrowsExactlyAsync<StorageException>(action)).Reason);

    private sealed class MaxProgress : IProgress<HashProgress>
    {
        private readonly Lock _gate = new();

        internal HashProgress Furthest { get; private set; }

        public void Report(HashProgress value)
        {
            lock (_gate)
            {
                if (value.BytesDone > Furthest.BytesDone) Furthest = value;
            }
        }
    }
}
