namespace CS3103P2P.Peer.Tests;

/// <summary>Whatever a crash leaves behind, a chunk that counts as verified is on disk.</summary>
[TestClass]
public sealed class DownloadCrashTests
{
    private const int Chunk = 2048;
    private const int Synced = 4; // chunks 0-3 were brought to the disk, 4-7 were written and noted, 8-9 were not written
    private const int Written = 8;
    private const int Length = (10 * Chunk) - 100;
    private static readonly Guid OtherBoot = new("99999999-2222-3333-4444-555555555555");

    [TestMethod]
    public async Task OpenAsync_SameKernel_TrustsAllThatWasNoted()
    {
        await using Crash crash = await Crash.MakeAsync();
        await using IDownloadContent resumed = await crash.ResumeAsync(crash.Journal, crash.Partial);
        Assert.AreEqual(Written, resumed.VerifiedCount);
        crash.Fixture.TransferAll(resumed);
        await resumed.CompleteAsync(CancellationToken.None);
    }

    [TestMethod]
    public async Task OpenAsync_OtherKernel_HashesWhatWasNotSynced()
    {
        await using Crash crash = await Crash.MakeAsync();
        crash.Fixture.BootId = OtherBoot;
        await using (IDownloadContent intact = await crash.ResumeAsync(crash.Journal, crash.Partial))
            Assert.AreEqual(Written, intact.VerifiedCount);
        await using (IDownloadContent lost = await crash.ResumeAsync(crash.Journal, crash.WithLostData()))
            Assert.AreEqual(Synced, lost.VerifiedCount);

        // The failed check is remembered: the next start, on the same kernel, does not trust the old records again.
        await using (IDownloadContent again = await crash.Fixture.OpenAsync())
        {
            Assert.AreEqual(Synced, again.VerifiedCount);
            crash.Fixture.Transfer(again, 9);
        }

        await using IDownloadContent last = await crash.Fixture.OpenAsync();
        Assert.AreEqual(Synced + 1, last.VerifiedCount);
    }

    [TestMethod]
    public async Task OpenAsync_NoBootId_NeverTrustsUnsyncedData()
    {
        await using Crash crash = await Crash.MakeAsync(Guid.Empty);
        await using IDownloadContent resumed = await crash.ResumeAsync(crash.Journal, crash.WithLostData());
        Assert.AreEqual(Synced, resumed.VerifiedCount);
    }

    [TestMethod]
    public async Task OpenAsync_JournalCutAnywhere_NeverClaimsWhatIsNotThere()
    {
        await using Crash crash = await Crash.MakeAsync();
        int most = 0;
        for (int length = 0; length <= crash.Journal.Length; length++)
        {
            bool restarted = length % 2 == 0;
            crash.Fixture.BootId = restarted ? OtherBoot : crash.BootId;
            byte[] partial = restarted ? crash.WithLostData() : crash.Partial;
            await using IDownloadContent resumed = await crash.ResumeAsync(crash.Journal[..length], partial);
            crash.AssertHonest(resumed, $"cut at {length}");
            if (!restarted) Assert.IsGreaterThanOrEqualTo(most, most = resumed.VerifiedCount, $"cut at {length}");
        }

        Assert.AreEqual(Written, most);
    }

    [TestMethod]
    public async Task OpenAsync_FlippedBits_NeverClaimsWhatIsNotThere()
    {
        await using Crash crash = await Crash.MakeAsync();
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            bool restarted = seed % 2 == 0;
            crash.Fixture.BootId = restarted ? OtherBoot : crash.BootId;
            byte[] journal = [.. crash.Journal];
            for (int i = random.Next(4); i >= 0; i--) journal[random.Next(journal.Length)] ^= (byte)(1 << random.Next(8));
            await using IDownloadContent resumed = await crash.ResumeAsync(journal, restarted ? crash.WithLostData() : crash.Partial);
            crash.AssertHonest(resumed, $"seed {seed}");
        }
    }

    [TestMethod]
    public async Task OpenAsync_DamageInTheMiddle_IsSetAsideAndTheRestHashedAgain()
    {
        await using Crash crash = await Crash.MakeAsync();
        byte[] journal = [.. crash.Journal];
        int synced = FindRecord(journal, JournalRecordType.Synced);
        journal[synced + JournalFormat.RecordPrefixBytes] ^= 1;
        await using IDownloadContent resumed = await crash.ResumeAsync(journal, crash.Partial);
        Assert.AreEqual(Written, resumed.VerifiedCount);
        CollectionAssert.AreEqual(journal, await File.ReadAllBytesAsync(crash.Fixture.TargetPath + ".p2p-resume.damaged"));
    }

    [TestMethod]
    public async Task OpenAsync_PartialMissingOrCut_LosesOnlyWhatIsGone()
    {
        await using Crash crash = await Crash.MakeAsync();
        await using (IDownloadContent cut = await crash.ResumeAsync(crash.Journal, crash.Partial[..((2 * Chunk) + 5)]))
            Assert.AreEqual(2, cut.VerifiedCount);
        await using (IDownloadContent again = await crash.Fixture.OpenAsync())
            Assert.AreEqual(2, again.VerifiedCount);
        await using (IDownloadContent missing = await crash.ResumeAsync(crash.Journal, null))
            Assert.AreEqual(0, missing.VerifiedCount);
        await using IDownloadContent stillMissing = await crash.Fixture.OpenAsync();
        Assert.AreEqual(0, stillMissing.VerifiedCount);
    }

    [TestMethod]
    public async Task OpenAsync_FolderHalfDone_ResumesWithItsManifest()
    {
        await using StorageFixture fixture = await StorageFixture.OfFolderAsync(Chunk, ("a", 5 * Chunk), ("b", 600 * Chunk), ("c", 0), ("d/e", 7));
        await using (IDownloadContent download = await fixture.OpenAsync())
        {
            fixture.SupplyHashes(download, 0);
            for (int chunk = 0; chunk < 300; chunk++) Assert.AreEqual(ChunkVerdict.Verified, fixture.Transfer(download, chunk));
        }

        File.Delete(Path.Combine(fixture.TargetPath + ".p2p-part", "a"));
        fixture.BootId = OtherBoot;
        await using IDownloadContent resumed = await fixture.OpenAsync();
        Assert.AreEqual(295, resumed.VerifiedCount);
        Assert.AreEqual(VerificationNeed.None, resumed.NeedFor(0, out _));
        fixture.TransferAll(resumed);
        await resumed.CompleteAsync(CancellationToken.None);
        Assert.AreEqual(0, new FileInfo(Path.Combine(fixture.TargetPath, "c")).Length);
    }

    [TestMethod]
    public async Task AcceptChunk_ProcessKilledAtAnyMoment_LosesAtMostOneMebibyte()
    {
        const int chunks = 160;
        const int size = 64 * 1024;
        await using StorageFixture fixture = await StorageFixture.OfFileAsync(chunks * size, size);
        byte[] journal;
        byte[] partial;
        await using (IDownloadContent download = await fixture.OpenAsync())
        {
            for (int chunk = 0; chunk < chunks - 1; chunk++) fixture.Transfer(download, chunk); // time stands still: no timer helps
            journal = fixture.Disk.Snapshot(fixture.TargetPath + ".p2p-resume");
            partial = fixture.Disk.Snapshot(fixture.TargetPath + ".p2p-part");
        }

        var crash = new Crash(fixture, fixture.BootId);
        await using IDownloadContent resumed = await crash.ResumeAsync(journal, partial);
        Assert.IsGreaterThanOrEqualTo(chunks - 1 - (1024 * 1024 / size), resumed.VerifiedCount);
    }

    private static int FindRecord(byte[] journal, JournalRecordType wanted)
    {
        for (int at = JournalFormat.HeaderBytes; ;)
        {
            Assert.IsTrue(JournalFormat.TryReadPrefix(journal.AsSpan(at), out JournalRecordType type, out int payloadBytes));
            if (type == wanted) return at;
            at += JournalFormat.RecordPrefixBytes + payloadBytes + JournalFormat.ChecksumBytes;
        }
    }

    /// <summary>What is on disk at the moment of a crash.</summary>
    private sealed class Crash(StorageFixture fixture, Guid bootId) : IAsyncDisposable
    {
        internal StorageFixture Fixture { get; } = fixture;

        internal Guid BootId { get; } = bootId;

        internal byte[] Journal { get; private set; } = [];

        internal byte[] Partial { get; private set; } = [];

        internal static async Task<Crash> MakeAsync(Guid? bootId = null)
        {
            StorageFixture fixture = await StorageFixture.OfFileAsync(Length, Chunk);
            fixture.BootId = bootId ?? fixture.BootId;
            var crash = new Crash(fixture, fixture.BootId);
            await using IDownloadContent download = await fixture.OpenAsync();
            for (int chunk = 0; chunk < Written; chunk++)
            {
                Assert.AreEqual(ChunkVerdict.Verified, fixture.Transfer(download, chunk));
                fixture.Time.Advance(chunk == Synced - 1 ? TimeSpan.FromSeconds(2) : TimeSpan.FromMilliseconds(60));
            }

            crash.Journal = fixture.Disk.Snapshot(fixture.TargetPath + ".p2p-resume");
            crash.Partial = fixture.Disk.Snapshot(fixture.TargetPath + ".p2p-part");
            return crash;
        }

        // The kernel restarted before it wrote these chunks.
        internal byte[] WithLostData()
        {
            byte[] partial = [.. Partial];
            partial.AsSpan(Synced * Chunk, (Written - Synced) * Chunk).Clear();
            return partial;
        }

        internal async Task<IDownloadContent> ResumeAsync(byte[] journal, byte[]? partial)
        {
            await File.WriteAllBytesAsync(Fixture.TargetPath + ".p2p-resume", journal);
            File.Delete(Fixture.TargetPath + ".p2p-part");
            if (partial is not null) await File.WriteAllBytesAsync(Fixture.TargetPath + ".p2p-part", partial);
            return await Fixture.OpenAsync();
        }

        internal void AssertHonest(IDownloadContent resumed, string where)
        {
            byte[] buffer = new byte[Chunk];
            for (int chunk = 0; chunk < resumed.Layout!.ChunkCount; chunk++)
            {
                if (!resumed.HasChunk(chunk)) continue;
                int read = resumed.ReadChunk(chunk, 0, buffer);
                Assert.IsTrue(buffer.AsSpan(0, Math.Max(0, read)).SequenceEqual(Fixture.Read(chunk)), $"{where}: chunk {chunk} is not there");
            }
        }

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
