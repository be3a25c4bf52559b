namespace CS3103P2P.Tracker.Postgres.Tests;

[TestClass]
public sealed class PostgresRegistryOptionsTests
{
    [TestMethod]
    [DataRow("hush-hush")]
    [DataRow("Host=db;Port=hush-hush")]
    [DataRow("Password=hush-hush")]
    [DataRow("Host=db;Hush-hush=1")]
    public void Constructor_MalformedConnectionString_ThrowsWithoutQuotingIt(string connection)
    {
        ArgumentException thrown = Assert.ThrowsExactly<ArgumentException>(() => new PostgresRegistry(new PostgresRegistryOptions { ConnectionString = connection }));
        Assert.DoesNotContain("hush", thrown.ToString().ToLowerInvariant());
    }

    [TestMethod]
    [DataRow(49, 100, 60, 60)]
    [DataRow(250, 19, 60, 60)]
    [DataRow(250, 100, 3601, 60)]
    [DataRow(250, 100, 60, -1)]
    public void Constructor_OptionOutOfItsRange_Throws(int pollMillis, int writeMillis, int slackSeconds, int outageSeconds)
    {
        var options = new PostgresRegistryOptions
        {
            ConnectionString = "Host=db",
            PollPeriod = TimeSpan.FromMilliseconds(pollMillis),
            WritePeriod = TimeSpan.FromMilliseconds(writeMillis),
            LeaseSlack = TimeSpan.FromSeconds(slackSeconds),
            MaxOutage = TimeSpan.FromSeconds(outageSeconds),
        };
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PostgresRegistry(options));
    }
}
