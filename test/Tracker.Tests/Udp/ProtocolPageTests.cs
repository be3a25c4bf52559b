using System.Text;
using System.Text.RegularExpressions;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Tests.Udp;

/// <summary>Executes the examples of docs/tracker-protocol.md.</summary>
[TestClass]
public sealed partial class ProtocolPageTests
{
    private static readonly Dictionary<string, string> Constants = new()
    {
        ["alice"] = new string('a', 64), ["bob"] = new string('b', 64), ["root"] = new string('1', 64),
    };

    [TestMethod]
    public void Examples_OfThePage_AreWhatTheTrackerDoes()
    {
        string[] blocks = [.. Blocks()];
        Assert.IsGreaterThanOrEqualTo(6, blocks.Length);
        int replies = 0;
        foreach (string block in blocks) replies += Run(block);
        Assert.IsGreaterThanOrEqualTo(50, replies);
    }

    // Returns how many replies were compared. Every datagram that the tracker sends must be in the page.
    private static int Run(string block)
    {
        var tracker = new VirtualTracker();
        var learned = new Dictionary<string, string>(Constants);
        List<VirtualTracker.Sent> sent = [];
        int compared = 0;
        foreach (string line in block.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('+'))
            {
                tracker.Advance(TimeSpan.FromSeconds(int.Parse(line[1..^1], System.Globalization.CultureInfo.InvariantCulture)));
                continue;
            }

            string[] parts = line.Split(' ', 3);
            TransportAddress address = VirtualTracker.Address(parts[0]);
            string text = parts[2].Replace('␣', ' ');
            if (parts[1] == ">")
            {
                Assert.IsEmpty(sent, $"Before '{line}' the tracker also sent: {string.Join('\n', sent)}");
                sent = tracker.Send(address, Encoding.UTF8.GetBytes(Fill(text, learned)));
                continue;
            }

            VirtualTracker.Sent? reply = sent.Find(candidate => candidate.To == address);
            Assert.IsNotNull(reply, $"Nothing came for: {line}");
            sent.Remove(reply);
            AssertMatches(text, reply.Text, learned);
            compared++;
        }

        Assert.IsEmpty(sent);
        return compared;
    }

    private static void AssertMatches(string expected, string actual, Dictionary<string, string> learned)
    {
        string pattern = Regex.Escape(Fill(expected, learned)).Replace("\\.\\.\\.", ".*", StringComparison.Ordinal);
        pattern = Unknown().Replace(pattern, match => $"(?<{match.Groups[1].Value}>[0-9a-f]+)");
        Match found = Regex.Match(actual, $"^{pattern}$");
        Assert.IsTrue(found.Success, $"Expected {expected}\nbut got  {actual}");
        foreach (Group group in found.Groups.Values.Where(group => !char.IsAsciiDigit(group.Name[0]))) learned[group.Name] = group.Value;
    }

    private static string Fill(string text, Dictionary<string, string> known) =>
        known.Aggregate(text, (filled, pair) => filled.Replace($"{{{pair.Key}}}", pair.Value, StringComparison.Ordinal));

    private static IEnumerable<string> Blocks()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "tracker-protocol.md"));
        return Block().Matches(page).Select(match => match.Groups[1].Value);
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "CS3103P2P.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex("```tracker\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\\\{(\w+)}")]
    private static partial Regex Unknown();
}
