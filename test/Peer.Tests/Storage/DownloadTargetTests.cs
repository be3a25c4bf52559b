namespace CS3103P2P.Peer.Tests;

[TestClass]
public sealed class DownloadTargetTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2047)]
    [DataRow(2048)]
    [DataRow(2049)]
    [DataRow(100_000)]
    public async Task CompleteAsync_AllChunks_LeavesOnlyTheTarget(int length)
    {
        foreach (int? chunkSize in new int?[] { 2048, null })
        {
            await using StorageFixture fixture = await StorageFixture.OfFileAsync(length, chunkSize);
            await using IDownloadContent download = await fixture.OpenAsync();
            fixture.TransferAll(download);
            Assert.IsTrue(download.IsComplete);
            await download.CompleteAsync(CancellationToken.None);
            await download.CompleteAsync(CancellationToken.None);
            CollectionAssert.AreEqual(StorageFixture.MakeData(length), await File.ReadAllBytesAsync(fixture.TargetPath));
            CollectionAssert.AreEquivalent(new[] { "source", "target" }, Names(fixture.Root));
            for (int chunk = 0; chunk < fixture.Source.Layout.ChunkCount; chunk++)
            {
                byte[] served = new byte[download.Layout!.Locate(chunk).Length];
                Assert.AreEqual(served.Length, download.ReadChunk(chunk, 0, served));
                CollectionAssert.AreEqual(fixture.Read(chunk), served);
            }
        }
    }

    [TestMethod]
    public async Task AcceptChunk_ManyThreadsAndDuplicates_EachChunkCountsOnce()
    {
        const int chunks = 1100; // three hash groups
        await using StorageFixture fixture = await StorageFixture.OfFileAsync((chunks * 2048) - 1, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        int verified = 0;
        Parallel.For(0, chunks * 3, i =>
        {
            ChunkVerdict verdict = fixture.Transfer(download, i * 7 % chunks);
            if (verdict == ChunkVerdict.Verified) Interlocked.Increment(ref verified);
            else Assert.AreEqual(ChunkVerdict.Duplicate, verdict);
        });
        Assert.AreEqual(chunks, verified);
        await download.CompleteAsync(CancellationToken.None);
        CollectionAssert.AreEqual(StorageFixture.MakeData((chunks * 2048) - 1), await File.ReadAllBytesAsync(fixture.TargetPath));
    }

    [TestMethod]
    public async Task AcceptChunk_WrongBytesOrLength_IsCorrupt()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        byte[] good = fixture.Read(2);
        Assert.AreEqual(ChunkVerdict.HashUnknown, download.AcceptChunk(2, good));
        fixture.SupplyHashes(download, 2);
        good[7] ^= 1;
        Assert.AreEqual(ChunkVerdict.Corrupt, download.AcceptChunk(2, good));
        good[7] ^= 1;
        Assert.AreEqual(ChunkVerdict.Corrupt, download.AcceptChunk(2, good.AsSpan(1)));
        Assert.AreEqual(ChunkVerdict.Corrupt, download.AcceptChunk(3, good));
        Assert.AreEqual(ChunkVerdict.Corrupt, download.AcceptChunk(-1, good));
        Assert.IsFalse(download.HasChunk(2));
        Assert.AreEqual(-1, download.ReadChunk(2, 0, new byte[10]));
        Assert.AreEqual(ChunkVerdict.Verified, download.AcceptChunk(2, good));
        Assert.AreEqual(ChunkVerdict.Duplicate, download.AcceptChunk(2, good));
        Assert.AreEqual(1, download.VerifiedCount);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => download.CompleteAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task TryAcceptHashes_Wrong_AreRefused()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(600 * 2048, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        Assert.AreEqual(VerificationNeed.GroupRoots, download.NeedFor(0, out int file));
        byte[] group = new byte[512 * 32];
        fixture.Source.CopyHashGroup(0, group);
        Assert.IsFalse(download.TryAcceptHashGroup(0, group));
        byte[] roots = new byte[64];
        fixture.Source.CopyGroupRoots(file, 0, roots);
        roots[0] ^= 1;
        Assert.IsFalse(download.TryAcceptGroupRoots(file, roots));
        Assert.IsFalse(download.TryAcceptGroupRoots(file, roots.AsSpan(0, 32)));
        Assert.IsFalse(download.TryAcceptGroupRoots(1, roots));
        roots[0] ^= 1;
        Assert.IsTrue(download.TryAcceptGroupRoots(file, roots));
        Assert.AreEqual(VerificationNeed.HashGroup, download.NeedFor(599, out int needed));
        Assert.AreEqual(1, needed);
        Assert.IsFalse(download.TryAcceptHashGroup(1, group));
        Assert.IsFalse(download.TryAcceptHashGroup(0, group.AsSpan(32)));
        Assert.IsFalse(download.TryAcceptHashGroup(2, group));
        Assert.IsTrue(download.TryAcceptHashGroup(0, group));
        Assert.AreEqual(VerificationNeed.None, download.NeedFor(511, out _));
        Assert.IsFalse(download.TryAcceptManifest(group));
        byte[] served = new byte[group.Length];
        Assert.AreEqual(group.Length, download.CopyHashGroup(0, served));
        CollectionAssert.AreEqual(group, served);
        Assert.AreEqual(0, download.CopyHashGroup(1, served));
        Assert.AreEqual(32, download.CopyGroupRoots(0, 1, served));
    }

    [TestMethod]
    public async Task CompleteAsync_Folder_HasTheSameTree()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(
            2048, ("a/b/c.bin", 5000), ("a/empty.txt", 0), ("nothing here", -1), ("z", 2048 * 520), ("Tiếng Việt.txt", 1));
        await using IDownloadContent download = await fixture.OpenAsync();
        Assert.AreEqual(VerificationNeed.Manifest, download.NeedFor(0, out _));
        byte[] manifest = fixture.Source.ManifestBytes.ToArray();
        manifest[^1] ^= 1;
        Assert.IsFalse(download.TryAcceptManifest(manifest));
        fixture.TransferAll(download);
        await download.CompleteAsync(CancellationToken.None);
        await using SharedContent copy = await SharedContent.CreateAsync(
            new LocalDisk(), fixture.TargetPath, "copy", 2048, null, CancellationToken.None);
        Assert.AreEqual(fixture.Source.Descriptor.Root, copy.Descriptor.Root);
        Assert.AreEqual(1, download.ReadChunk(0, 0, new byte[2048]));
        CollectionAssert.AreEquivalent(new[] { "source", "target" }, Names(fixture.Root));
        await using IDownloadContent again = await fixture.OpenAsync();
        Assert.IsTrue(again.IsComplete);
    }

    [TestMethod]
    public async Task OpenAsync_TargetExists_OnlySameContentIsDone()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        await File.WriteAllBytesAsync(fixture.TargetPath, new byte[5000]);
        await AssertFailsAsync(StorageErrorReason.TargetExists, () => fixture.OpenAsync());
        await using (IDownloadContent download = await fixture.OpenAsync(overwrite: true))
        {
            fixture.TransferAll(download);
            await download.CompleteAsync(CancellationToken.None);
        }

        await File.WriteAllTextAsync(fixture.TargetPath + ".p2p-resume", "left by a crash");
        await using IDownloadContent same = await fixture.OpenAsync();
        Assert.IsTrue(same.IsComplete);
        Assert.AreEqual(2048, same.ReadChunk(1, 0, new byte[4096]));
        await same.CompleteAsync(CancellationToken.None);
        CollectionAssert.AreEquivalent(new[] { "source", "target" }, Names(fixture.Root));
    }

    [TestMethod]
    public async Task CompleteAsync_TargetAppearedMeanwhile_IsNotOverwritten()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, ("a", 10));
        await using IDownloadContent download = await fixture.OpenAsync();
        fixture.TransferAll(download);
        Directory.CreateDirectory(fixture.TargetPath);
        await AssertFailsAsync(StorageErrorReason.TargetExists, () => download.CompleteAsync(CancellationToken.None));
        Directory.Delete(fixture.TargetPath);
        await download.CompleteAsync(CancellationToken.None);
        Assert.IsTrue(File.Exists(Path.Combine(fixture.TargetPath, "a")));
    }

    [TestMethod]
    public async Task OpenAsync_FolderOverwrite_ReplacesTheOldOne()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(2048, ("a", 10));
        Directory.CreateDirectory(Path.Combine(fixture.TargetPath, "old"));
        await using IDownloadContent download = await fixture.OpenAsync(overwrite: true);
        fixture.TransferAll(download);
        await download.CompleteAsync(CancellationToken.None);
        CollectionAssert.AreEquivalent(new[] { "a" }, Names(fixture.TargetPath));
        CollectionAssert.AreEquivalent(new[] { "source", "target" }, Names(fixture.Root));
    }

    [TestMethod]
    public async Task OpenAsync_WhileOpen_IsInUse()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        await AssertFailsAsync(StorageErrorReason.InUse, () => fixture.OpenAsync());
    }

    [TestMethod]
    public async Task OpenAsync_LongestName_StillFindsNamesForItsFiles()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        string target = Path.Combine(fixture.Root, new string('ế', 85));
        await using IDownloadContent download = await fixture.OpenAsync(target: target);
        fixture.TransferAll(download);
        await download.CompleteAsync(CancellationToken.None);
        Assert.IsTrue(File.Exists(target));
        await AssertFailsAsync(StorageErrorReason.NotFound, () => fixture.OpenAsync(target: Path.Combine(fixture.Root, "none", "x")));
    }

    [TestMethod]
    public async Task ReadChunk_TargetChangedAfterwards_IsNoLongerServed()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        fixture.TransferAll(download);
        await download.CompleteAsync(CancellationToken.None);
        await File.AppendAllTextAsync(fixture.TargetPath, "x");
        Assert.AreEqual(-1, download.ReadChunk(0, 0, new byte[10]));
        Assert.IsFalse(download.HasChunk(1));
    }

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path))];

    private static async Task AssertFailsAsync(StorageErrorReason reason, Func<Task> action) =>
        Assert.AreEqual(reason, (await Assert.ThrowsExactlyAsync<StorageException>(action)).Reason);
}
