namespace CS3103P2P.Peer.Tests.Swarm;

[TestClass]
public sealed class CrowdTests
{
    private const double BytesPerSecond = 25e6;   // 200 Mbit/s

    [TestMethod]
    [DataRow(64, 32 * 1024)]
    [DataRow(256, 128 * 1024)]
    [DataRow(512, 256 * 1024)]
    [DataRow(1024, 512 * 1024)]
    public void Run_OneToFourAtTheSameRate_TakesLittleLongerThanOneCopy(int mib, int chunkSize)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            long bytes = (long)mib << 20;
            var crowd = new CrowdSimulation(seed, downloaders: 4, bytes, chunkSize, BytesPerSecond);
            double copies = crowd.Run(TimeSpan.FromMinutes(10)) / TimeSpan.FromSeconds(bytes / BytesPerSecond);
            Console.WriteLine($"{mib} MiB, seed {seed}: {copies:0.000} copies, {crowd.WastedBytes * 100.0 / bytes:0.0} % of a copy wasted");
            Assert.IsLessThan(1.25, copies, $"seed {seed}");
            Assert.IsLessThan(0.25 * bytes, crowd.WastedBytes, $"seed {seed}");
        }
    }
}
