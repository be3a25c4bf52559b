using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CS3103P2P.Architecture;

/// <summary>
/// Codecs and state machines see bytes, a time that they are told, and entropy that they are given: so they run in a simulator
/// as they run on a socket. Shells stand in other folders.
/// </summary>
[TestClass]
public sealed class PurityTests
{
    private static readonly string[] PureFolders =
    [
        "src/Protocol",
        "src/Transport/Utp",
        "src/Stun/Messages",
        "src/Stun/Transactions",
        "src/Stun/Responder",
        "src/Stun/Nat",
        "src/Stun/Turn",
        "src/Stun/Ice",
        "src/Stun/PortMapping",
        "src/Tracker/Registry",
        "src/Tracker/Snapshots",
        "src/Tracker/Udp",
        "src/Peer/Swarm",
        "src/Peer/Discovery/Mdns",
        "src/Peer/Discovery/Machines",
    ];

    private static readonly HashSet<string> ForbiddenNames =
    [
        "Socket", "UdpClient", "TcpClient", "NetworkStream", "Dns", "HttpClient",
        "Task", "ValueTask", "Thread", "ThreadPool", "Monitor", "Interlocked", "Volatile", "SemaphoreSlim", "CancellationToken", "Timer",
        "DateTime", "DateTimeOffset", "Stopwatch", "TimeProvider", "Environment",
        "Console", "File", "FileStream", "RandomAccess", "RandomNumberGenerator", "ILogger", "ActivitySource", "Process",
    ];

    private static readonly string[] ForbiddenNamespaces =
        ["System.Net.Sockets", "System.Threading", "System.Diagnostics.Metrics", "System.IO.Pipelines", "Microsoft.Extensions"];

    [TestMethod]
    public void PureFolders_EveryFile_TouchesNoSocketClockTaskOrConsole()
    {
        string[] files = [.. Repository.Files("*.cs", PureFolders)];
        Assert.IsNotEmpty(files);
        string[] offences = [.. files.SelectMany(file => Offences(file, Repository.Read(file)))];
        Assert.IsEmpty(offences, string.Join('\n', offences));
    }

    [TestMethod]
    [DataRow("using System.Net.Sockets; class A { }")]
    [DataRow("class A { System.Threading.Tasks.Task B() => null!; }")]
    [DataRow("class A { async void B() { } }")]
    [DataRow("class A { object b = new(); void C() { lock (b) { } } }")]
    [DataRow("class A { long B() => Stopwatch.GetTimestamp(); }")]
    [DataRow("class A { int B() => Random.Shared.Next(); }")]
    [DataRow("class A { int B() => new Random().Next(); }")]
    [DataRow("class A { void B() => Console.WriteLine(); }")]
    public void Offences_OfImpureCode_AreFound(string code) => Assert.IsNotEmpty(Offences("A.cs", code));

    [TestMethod]
    [DataRow("enum ShareKind { File, Directory } class A { ShareKind B => ShareKind.File; }")]
    [DataRow("class A(Random random) { int B() => random.Next(); Random C(int seed) => new Random(seed); }")]
    public void Offences_OfPureCode_AreNone(string code) => Assert.IsEmpty(Offences("A.cs", code));

    private static IEnumerable<string> Offences(string file, string code)
    {
        foreach (SyntaxNode node in CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes())
        {
            string? offence = node switch
            {
                UsingDirectiveSyntax { Name: { } name } when ForbiddenNamespaces.Any(name.ToString().StartsWith) => $"using {name}",
                LockStatementSyntax => "lock",
                AwaitExpressionSyntax => "await",
                MethodDeclarationSyntax method when method.Modifiers.Any(SyntaxKind.AsyncKeyword) => "async",
                ObjectCreationExpressionSyntax { Type: IdentifierNameSyntax { Identifier.Text: "Random" }, ArgumentList.Arguments.Count: 0 } => "new Random()",
                MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Random" }, Name.Identifier.Text: "Shared" } => "Random.Shared",
                SimpleNameSyntax name when IsForbidden(name) => name.ToString(),
                _ => null,
            };
            if (offence is null) continue;
            int line = node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
            yield return $"{file}:{line}: {offence}";
        }
    }

    // `ShareKind.File` names a member, not the type System.IO.File.
    private static bool IsForbidden(SimpleNameSyntax name) =>
        ForbiddenNames.Contains(name.Identifier.Text)
        && !(name.Parent is MemberAccessExpressionSyntax access && access.Name == name && !access.Expression.ToString().StartsWith("System.", StringComparison.Ordinal))
        && name.Parent is not (NameColonSyntax or NameEqualsSyntax or ConstantPatternSyntax or SubpatternSyntax);
}
