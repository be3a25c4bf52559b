namespace CS3103P2P.NatLab.Tests;

/// <summary>The core of the matrix: the real programs, each behind a NAT, with a tracker, STUN and a relay on a public server.</summary>
[TestClass]
[DoNotParallelize]
public sealed class MatrixTests
{
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task RunAsync_CorePairs_CompleteByTheExpectedPath()
    {
        TestLab.RequireLab();
        (NatKind Sharer, NatKind Downloader, bool IsDirect)[] core =
        [
            (NatKind.PortRestricted, NatKind.PortRestricted, true),
            (NatKind.FullCone, NatKind.Symmetric, true),
            (NatKind.SymmetricSequential, NatKind.PortRestricted, true),
            (NatKind.Cgnat, NatKind.Firewalled, true),
            (NatKind.Symmetric, NatKind.CgnatSymmetric, false),
            (NatKind.UdpBlocked, NatKind.Linux, true),
        ];
        await using Matrix matrix = await StartAsync();

        foreach ((NatKind sharer, NatKind downloader, bool isDirect) in core)
        {
            MatrixResult result = await matrix.RunAsync(sharer, downloader);

            Assert.IsNull(result.Failure, result.ToString());
            if (isDirect) Assert.IsNotNull(result.Direct, result.ToString());
        }
    }

    // The consoles are run as they are shipped; `./test.sh` has built them.
    private static async Task<Matrix> StartAsync()
    {
        try
        {
            return await Matrix.StartAsync(new MatrixOptions { Mebibytes = 2 });
        }
        catch (InvalidOperationException e)
        {
            Assert.Inconclusive(e.Message);
            throw;
        }
    }

    [TestMethod]
    public void TryParse_Arguments_AreTaken()
    {
        Assert.IsTrue(MatrixOptions.TryParse(["--pairs", "linux:public,symmetric:cgnat", "--mib", "2", "--delay", "20", "--loss", "5", "--both", "--repeat", "3"], out MatrixOptions? read));
        Assert.AreEqual((NatKind.Linux, NatKind.None), read.Pairs[0]);
        Assert.AreEqual(new LinkConditions { Delay = TimeSpan.FromMilliseconds(20), Loss = 0.05 }, read.Link);
        Assert.IsTrue(read.BothWays);
        Assert.HasCount(12, read.Transfers);
        Assert.HasCount(66, new MatrixOptions().Pairs);
    }

    [TestMethod]
    [DataRow("--pairs", "linux")]
    [DataRow("--pairs", "linux:nowhere")]
    [DataRow("--mib", "0")]
    [DataRow("--loss", "101")]
    [DataRow("--what", "1")]
    [DataRow("--mib", "")]
    public void TryParse_Nonsense_IsRefused(string name, string value) => Assert.IsFalse(MatrixOptions.TryParse([name, value], out _));
}
