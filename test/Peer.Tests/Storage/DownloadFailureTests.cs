namespace CS3103P2P.Peer.Tests;

[TestClass]
public sealed class DownloadFailureTests
{
    private static readonly TimeSpan Flush = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Sync = TimeSpan.FromMilliseconds(1100);

    [TestMethod]
    public async Task OpenAsync_TooLittleSpace_IsDiskFullAtOnce()
    {
        await using StorageFixture file = await StorageFixture.OfFileAsync(5000, 2048);
        file.Disk.Free = 4999;
        await AssertFailsAsync(StorageErrorReason.DiskFull, () => file.OpenAsync());
        file.Disk.Free = 5000;
        await using (await file.OpenAsync())
        {
        }

        await using StorageFixture folder = await StorageFixture.OfFolderAsync(2048, ("a", 10), ("b", 10));
        folder.Disk.Free = 19;
        await using IDownloadContent download = await folder.OpenAsync();
        Assert.AreEqual(
            StorageErrorReason.DiskFull,
            Assert.ThrowsExactly<StorageException>(() => download.TryAcceptManifest(folder.Source.ManifestBytes.Span)).Reason);
        folder.Disk.Free = 20;
        folder.TransferAll(download);
        await download.CompleteAsync(CancellationToken.None);
    }

    [TestMethod]
    public async Task AcceptChunk_DiskFull_DoesNotCountAndCanBeRepeated()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        fixture.SupplyHashes(download, 0);
        fixture.Disk.OnWrite = FailFor(".p2p-part", StorageErrorReason.DiskFull);
        Assert.AreEqual(StorageErrorReason.DiskFull, Assert.ThrowsExactly<StorageException>(() => fixture.Transfer(download, 1)).Reason);
        Assert.IsFalse(download.HasChunk(1));
        fixture.Disk.OnWrite = null;
        fixture.TransferAll(download);
        await download.CompleteAsync(CancellationToken.None);
        CollectionAssert.AreEqual(StorageFixture.MakeData(5000), await File.ReadAllBytesAsync(fixture.TargetPath));
    }

    [TestMethod]
    public async Task AcceptChunk_JournalFailed_ThrowsAndResumesLater()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(20_000, 2048);
        await using (IDownloadContent download = await fixture.OpenAsync())
        {
            Assert.AreEqual(ChunkVerdict.Verified, fixture.Transfer(download, 0));
            fixture.Time.Advance(Sync);
            Assert.AreEqual(ChunkVerdict.Verified, fixture.Transfer(download, 1));
            fixture.Disk.OnWrite = FailFor(".p2p-resume", StorageErrorReason.DiskFull);
            fixture.Time.Advance(Flush);
            Assert.AreEqual(StorageErrorReason.DiskFull, Assert.ThrowsExactly<StorageException>(() => fixture.Transfer(download, 2)).Reason);
        }

        fixture.Disk.OnWrite = null;
        await using IDownloadContent resumed = await fixture.OpenAsync();
        Assert.IsTrue(resumed.HasChunk(0));
        Assert.IsFalse(resumed.HasChunk(1));
        fixture.TransferAll(resumed);
        await resumed.CompleteAsync(CancellationToken.None);
    }

    [TestMethod]
    public async Task Sync_Fails_NothingUnsyncedIsTrustedLater()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(20_000, 2048);
        await using (IDownloadContent download = await fixture.OpenAsync())
        {
            Assert.AreEqual(ChunkVerdict.Verified, fixture.Transfer(download, 0));
            fixture.Time.Advance(Sync);
            Assert.AreEqual(ChunkVerdict.Verified, fixture.Transfer(download, 1));
            fixture.Time.Advance(Flush);
            fixture.Disk.OnFlush = FailFor(".p2p-part", StorageErrorReason.IoError);
            fixture.Time.Advance(Sync);
            Assert.ThrowsExactly<StorageException>(() => fixture.Transfer(download, 2));
            await AssertFailsAsync(StorageErrorReason.IoError, async () =>
            {
                fixture.Disk.OnFlush = null;
                await Task.Yield();
                fixture.Transfer(download, 3);
            });
        }

        await using IDownloadContent resumed = await fixture.OpenAsync();
        Assert.IsTrue(resumed.HasChunk(0));
        Assert.IsFalse(resumed.HasChunk(1));
    }

    [TestMethod]
    public async Task CompleteAsync_RenameFails_CanBeRepeated()
    {
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(5000, 2048);
        await using IDownloadContent download = await fixture.OpenAsync();
        fixture.TransferAll(download);
        fixture.Disk.OnMove = FailFor(".p2p-part", StorageErrorReason.PermissionDenied);
        await AssertFailsAsync(StorageErrorReason.PermissionDenied, () => download.CompleteAsync(CancellationToken.None));
        Assert.IsFalse(File.Exists(fixture.TargetPath));
        Assert.AreEqual(2048, download.ReadChunk(0, 0, new byte[2048]));
        fixture.Disk.OnMove = null;
        await download.CompleteAsync(CancellationToken.None);
        Assert.IsTrue(File.Exists(fixture.TargetPath));
    }

    [TestMethod]
    public async Task OpenAsync_PartialOfSomethingElse_IsRefusedUnlessReplaced()
    {
        await using StorageFixture one = await StorageFixture.OfFileAsync(20_000, 2048);
        await using StorageFixture other = await StorageFixture.OfFileAsync(30_000, 2048);
        await using (IDownloadContent nothingYet = await one.OpenAsync()) Assert.AreEqual(0, nothingYet.VerifiedCount);
        await using (IDownloadContent download = await other.OpenAsync(target: one.TargetPath)) other.Transfer(download, 3);
        await AssertFailsAsync(StorageErrorReason.OtherPartialExists, () => one.OpenAsync());
        await using (IDownloadContent resumed = await other.OpenAsync(target: one.TargetPath)) Assert.IsTrue(resumed.HasChunk(3));
        await using IDownloadContent replaced = await one.OpenAsync(replaceOther: true);
        Assert.AreEqual(0, replaced.VerifiedCount);
        one.TransferAll(replaced);
        await replaced.CompleteAsync(CancellationToken.None);
        CollectionAssert.AreEqual(StorageFixture.MakeData(20_000), await File.ReadAllBytesAsync(one.TargetPath));
    }

    [TestMethod]
    public void Translate_ErrorsOfTheSystem_HaveTheirReason()
    {
        Assert.AreEqual(StorageErrorReason.DiskFull, DiskErrors.Translate(new IOException("full", 28), "x").Reason);
        Assert.AreEqual(StorageErrorReason.InUse, DiskErrors.Translate(new IOException("busy", 11), "x").Reason);
        Assert.AreEqual(StorageErrorReason.PermissionDenied, DiskErrors.Translate(new UnauthorizedAccessException(), "x").Reason);
        Assert.AreEqual(StorageErrorReason.NotFound, DiskErrors.Translate(new FileNotFoundException(), "x").Reason);
        Assert.AreEqual(StorageErrorReason.IoError, DiskErrors.Translate(new IOException("other", 5), "x").Reason);
    }

    [TestMethod]
    public void Write_DeviceThatIsFull_IsDiskFull()
    {
        if (!File.Exists("/dev/full")) Assert.Inconclusive("There is no /dev/full here.");
        using IDiskFile file = new LocalDisk().Open("/dev/full", DiskAccess.Write);
        Assert.AreEqual(StorageErrorReason.DiskFull, Assert.ThrowsExactly<StorageException>(() => file.Write("x"u8, 0)).Reason);
    }

    private static Action<string> FailFor(string suffix, StorageErrorReason reason) => path =>
    {
        if (path.EndsWith(suffix, StringComparison.Ordinal)) throw new StorageException(reason, "injected");
    };

    private static async Task AssertFailsAsync(StorageErrorReason reason, Func<Task> action) =>
        Assert.AreEqual(reason, (await Assert.ThrowsExactlyAsync<StorageException>(action)).Reason);
}
