using System.Diagnostics;

namespace CS3103P2P.Consoles.Tests;

/// <summary>Disks that take no more: a small file system of the test's own stands for them.</summary>
[TestClass]
public sealed class FullDiskTests
{
    [TestMethod]
    [DataRow("size=1m", "are free")]
    [DataRow("size=8m,ro", "read-only|permission|not permitted|denied")]
    public async Task Get_DiskThatTakesNoMore_SaysSoAndEndsWith1(string mountOptions, string expected)
    {
        using var workspace = new Workspace();
        await using Swarm swarm = await Swarm.StartAsync(workspace, fileBytes: 3_000_000, sharers: 1);
        string disk = workspace.Folder("disk");
        if (await RunAsync("mount", "-t", "tmpfs", "-o", mountOptions, "tmpfs", disk) != 0) Assert.Inconclusive("Mounting a file system needs root.");
        try
        {
            await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", "movie.bin", "-o", Path.Combine(disk, "movie.bin"));
            Assert.AreEqual(1, await get.WaitForExitAsync(), get.Transcript());
            Assert.IsTrue(
                expected.Split('|').Any(word => get.ErrorText.Contains(word, StringComparison.OrdinalIgnoreCase)), get.Transcript());
            Assert.DoesNotContain("   at ", get.ErrorText, "No stack trace.");
        }
        finally
        {
            await RunAsync("umount", "--lazy", disk);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
