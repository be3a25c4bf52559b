namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ShareManifestTests
{
    private const int Chunk = 2048;

    [TestMethod]
    public void TryCreate_AnyOrder_GivesTheSameBytes()
    {
        ManifestFile[] files = [File("b/x", 5), File("a", Chunk + 1), File("b.txt", 0), File("ế", 7)];
        string[] folders = ["z", "b/empty"];
        ShareManifest one = Create(files, folders);
        ShareManifest two = Create([.. files.Reverse()], [.. folders.Reverse()]);
        Assert.AreEqual(one.Root, two.Root);
        CollectionAssert.AreEqual(new[] { "a", "b.txt", "b/x", "ế" }, one.Files.Select(file => file.Path).ToArray());
        Assert.AreEqual(4, one.Layout.ChunkCount);
        ShareDescriptor descriptor = one.Describe("my folder");
        Assert.AreEqual((ShareKind.Directory, 4, one.Root), (descriptor.Kind, descriptor.ChunkCount, descriptor.Root));
    }

    [TestMethod]
    public void TryParse_CanonicalBytes_RoundTrips()
    {
        ShareManifest made = Sample();
        Assert.IsTrue(ShareManifest.TryParse(made.Bytes.Span, out ShareManifest? read));
        CollectionAssert.AreEqual(made.Files.ToArray(), read.Files.ToArray());
        CollectionAssert.AreEqual(made.EmptyFolders.ToArray(), read.EmptyFolders.ToArray());
        Assert.AreEqual(made.Root, read.Root);
        Assert.AreEqual(made.Layout.SizeBytes, read.Layout.SizeBytes);
        Assert.AreEqual(Chunk, read.Layout.ChunkSize);
        Assert.IsTrue(ShareManifest.TryParse(Create([], []).Bytes.Span, out ShareManifest? empty));
        Assert.AreEqual(0, empty.Layout.ChunkCount);
    }

    [TestMethod]
    public void TryParse_AnyTruncationOrExtraByte_ReturnsFalse()
    {
        byte[] bytes = Sample().Bytes.ToArray();
        for (int length = 0; length < bytes.Length; length++)
            Assert.IsFalse(ShareManifest.TryParse(bytes.AsSpan(0, length), out _), $"length {length}");
        Assert.IsFalse(ShareManifest.TryParse([.. bytes, 0], out _));
    }

    [TestMethod]
    public void TryParse_Mutated_NeverThrowsAndOnlyTakesCanonicalBytes()
    {
        byte[] original = Sample().Bytes.ToArray();
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. original];
            for (int i = random.Next(3); i >= 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!ShareManifest.TryParse(bytes, out ShareManifest? read)) continue;
            ShareManifest again = Create([.. read.Files], [.. read.EmptyFolders], read.Layout.ChunkSize);
            CollectionAssert.AreEqual(bytes, again.Bytes.ToArray(), $"seed {seed}");
        }
    }

    [TestMethod]
    [DataRow("a", "A")]
    [DataRow("a", "a")]
    [DataRow("\u1EBF", "e\u0302\u0301")]
    [DataRow("dir/a", "DIR/b")]
    [DataRow("dir", "DIR/b")]
    [DataRow("x/dir/b", "x/Dir")]
    [DataRow("a", "../a")]
    [DataRow("a", "nul")]
    public void TryCreate_PathsThatExcludeEachOther_IsRefusedWithThePath(string first, string second)
    {
        Assert.IsFalse(ShareManifest.TryCreate(Chunk, [File(first, 1), File(second, 1)], [], out _, out string? problem));
        StringAssert.Contains(problem, second, StringComparison.Ordinal);
        Assert.IsFalse(ShareManifest.TryCreate(Chunk, [File(first, 1)], [second], out _, out _));
    }

    [TestMethod]
    public void TryCreate_EmptyFolderThatIsNot_IsRefused()
    {
        Assert.IsFalse(ShareManifest.TryCreate(Chunk, [File("a/b", 1)], ["a"], out _, out _));
        Assert.IsFalse(ShareManifest.TryCreate(Chunk, [], ["a/b", "a"], out _, out _));
        Assert.IsTrue(ShareManifest.TryCreate(Chunk, [File("a/b", 1)], ["a/c"], out _, out _));
    }

    [TestMethod]
    public void TryCreate_LengthWithoutMatchingRoot_IsRefused()
    {
        Assert.IsFalse(ShareManifest.TryCreate(Chunk, [new ManifestFile("a", 0, Sha256Digest.Of("x"u8))], [], out _, out _));
        Assert.IsFalse(ShareManifest.TryCreate(Chunk, [new ManifestFile("a", 1, default)], [], out _, out _));
    }

    private static ShareManifest Sample() => Create([File("a.txt", 5), File("b/c/d", 9000), File("b/x", 0), File("ế.bin", 2048)], ["b/empty", "e"]);

    private static ManifestFile File(string path, long length) => new(path, length, length == 0 ? default : Sha256Digest.Of("content"u8));

    private static ShareManifest Create(ManifestFile[] files, string[] folders, int chunk = Chunk)
    {
        Assert.IsTrue(ShareManifest.TryCreate(chunk, files, folders, out ShareManifest? manifest, out string? problem), problem);
        return manifest;
    }
}
