namespace CS3103P2P.Consoles.Tests;

/// <summary>What is shared arrives the same: every size around a chunk's, odd names, trees, private shares.</summary>
[TestClass]
public sealed class ShareAndGetTests
{
    private static readonly string[] OddNames = ["a b,c|d%.txt", "tập tin tiếng Việt.txt", "🎬 phim.mp4", "name=value REQUEST 4.txt"];

    [TestMethod]
    [DataRow("2048")]
    [DataRow(null)]
    public async Task Get_FilesOfSizesAroundAChunk_AreTheSame(string? chunkSize)
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        string folder = workspace.Folder("original");
        int[] sizes = [0, 1, 2047, 2048, 2049, 16_384, 16_385, 100_000];
        string[] files = [.. sizes.Select(size => Path.Combine(folder, $"{size}.bin"))];
        for (int i = 0; i < files.Length; i++) Workspace.WriteRandomFile(files[i], sizes[i], seed: i);
        await using ConsoleProcess share = await swarm.ShareAsync([.. files, .. chunkSize is null ? Array.Empty<string>() : ["--chunk-size", chunkSize]], files.Length);

        foreach (string file in files)
        {
            string name = Path.GetFileName(file);
            await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", name);
            Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
            Assert.AreEqual(Workspace.Sha256(file), Workspace.Sha256(Path.Combine(workspace.Folder("copy"), name)), name);
        }

        Assert.HasCount(files.Length, Directory.GetFileSystemEntries(workspace.Folder("copy")), "Nothing is left beside the files.");
    }

    [TestMethod]
    public async Task Get_OddNames_AreListedFoundAndFetched()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        string[] files = [.. OddNames.Select(name => Path.Combine(workspace.Folder("original"), name))];
        for (int i = 0; i < files.Length; i++) Workspace.WriteRandomFile(files[i], 5000 + i, seed: i);
        await using ConsoleProcess share = await swarm.ShareAsync(files, files.Length);

        await using ConsoleProcess list = swarm.Run(workspace.Folder("copy"), "ls");
        Assert.AreEqual(0, await list.WaitForExitAsync(), list.Transcript());
        CollectionAssert.AreEquivalent(OddNames, list.EventsSoFar().Select(e => e.GetProperty("name").GetString()).ToArray(), list.Transcript());

        foreach (string file in files)
        {
            await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", Path.GetFileName(file));
            Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
            string copy = (await get.WaitForEventAsync("done")).GetProperty("path").GetString()!;
            Assert.AreEqual(Workspace.Sha256(file), Workspace.Sha256(copy));
            Assert.AreEqual(Path.GetFullPath(workspace.Folder("copy")), Path.GetDirectoryName(copy), "Written into the output folder only.");
        }
    }

    [TestMethod]
    public async Task Get_DirectoryTree_KeepsEmptyFilesAndFolders()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        string tree = workspace.Folder("album");
        Directory.CreateDirectory(Path.Combine(tree, "empty", "deeper"));
        Directory.CreateDirectory(Path.Combine(tree, "ảnh 🎬"));
        Workspace.WriteRandomFile(Path.Combine(tree, "zero.bin"), 0, 1);
        Workspace.WriteRandomFile(Path.Combine(tree, "one.bin"), 300_001, 2);
        Workspace.WriteRandomFile(Path.Combine(tree, "ảnh 🎬", "two, three.bin"), 70_000, 3);
        await using ConsoleProcess share = await swarm.ShareAsync([tree], 1);

        await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", "album");
        Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
        CollectionAssert.AreEqual(Listing(tree), Listing(Path.Combine(workspace.Folder("copy"), "album")), get.Transcript());
    }

    [TestMethod]
    public async Task Get_PrivateShare_NeedsTheTicket()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        string file = Path.Combine(workspace.Folder("original"), "diary.txt");
        Workspace.WriteRandomFile(file, 40_000, 1);
        await using ConsoleProcess share = await swarm.ShareAsync([file, "--private"], 1);
        string ticket = (await share.WaitForEventAsync("sharing")).GetProperty("ticket").GetString()!;

        await using ConsoleProcess list = swarm.Run(workspace.Folder("copy"), "ls");
        Assert.AreEqual(0, await list.WaitForExitAsync(), list.Transcript());
        Assert.IsEmpty(list.EventsSoFar(), list.Transcript());

        await using ConsoleProcess byName = swarm.Run(workspace.Folder("copy"), "get", "diary.txt");
        Assert.AreEqual(1, await byName.WaitForExitAsync(), byName.Transcript());

        await using ConsoleProcess byTicket = swarm.Run(workspace.Folder("copy"), "get", ticket);
        Assert.AreEqual(0, await byTicket.WaitForExitAsync(), byTicket.Transcript());
        Assert.AreEqual(Workspace.Sha256(file), Workspace.Sha256(Path.Combine(workspace.Folder("copy"), "diary.txt")));
    }

    [TestMethod]
    public async Task Demo_OfASmallFile_EndsWithMatchingHashes()
    {
        using var workspace = new Workspace();
        string file = Path.Combine(workspace.Folder("original"), "any file.bin");
        Workspace.WriteRandomFile(file, 3_000_000, 1);
        await using ConsoleProcess demo = ConsoleProcess.Demo(workspace.Folder("demo"), file);
        Assert.AreEqual(0, await demo.WaitForExitAsync(), demo.Transcript());
        Assert.Contains(Workspace.Sha256(file), demo.OutputText, demo.Transcript());
    }

    [TestMethod]
    public async Task Embedding_Runs_AndEnds()
    {
        using var workspace = new Workspace();
        await using ConsoleProcess embedding = ConsoleProcess.Embedding(workspace.Folder("embedding"));
        Assert.AreEqual(0, await embedding.WaitForExitAsync(), embedding.Transcript());
    }

    private static string[] Listing(string folder) =>
    [
        .. from path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
           let relative = Path.GetRelativePath(folder, path)
           orderby relative
           select File.Exists(path) ? $"{relative} {Workspace.Sha256(path)}" : $"{relative}/",
    ];
}
