using System.Xml.Linq;

namespace CS3103P2P.Architecture;

/// <summary>Dependencies point one way: companions to Peer to Stun to Transport to Protocol; Tracker to Stun.</summary>
[TestClass]
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocol"] = [],
        ["Transport"] = ["Protocol"],
        ["Stun"] = ["Transport"],
        ["Tracker"] = ["Stun"],
        ["Tracker.Postgres"] = ["Tracker"],
        ["Peer"] = ["Stun"],
        ["Broadcast"] = ["Peer"],
        ["Chat"] = ["Peer"],
        ["Torrent"] = ["Peer"],
        ["Streaming"] = ["Peer"],
    };

    [TestMethod]
    public void Projects_UnderSrc_ReferenceOnlyTheLayerBelow()
    {
        string[] projects = [.. Repository.Files("*.csproj", "src")];
        Assert.IsGreaterThanOrEqualTo(5, projects.Length);
        foreach (string project in projects)
        {
            string name = project.Split('/')[1];
            Assert.IsTrue(Allowed.TryGetValue(name, out string[]? below), $"{project}: name its place in the layers here.");
            foreach (string reference in References(project, "ProjectReference"))
            {
                string target = Path.GetFileName(Path.GetDirectoryName(reference.Replace('\\', '/')))!;
                CollectionAssert.Contains(below, target, $"{project} must not reference {target}.");
            }
        }
    }

    [TestMethod]
    public void Protocol_ReferencesNoPackage()
    {
        Assert.IsEmpty(References("src/Protocol/CS3103P2P.Protocol.csproj", "PackageReference"));
    }

    [TestMethod]
    public void Assemblies_Compiled_ReferenceNoUpperLayer()
    {
        string[] names = [.. Allowed.Keys.Select(name => $"CS3103P2P.{name}")];
        foreach (System.Reflection.Assembly assembly in ProductAssemblies.All)
        {
            HashSet<string> below = [.. Below(assembly.GetName().Name!["CS3103P2P.".Length..]).Select(name => $"CS3103P2P.{name}")];
            foreach (System.Reflection.AssemblyName reference in assembly.GetReferencedAssemblies())
            {
                if (!names.Contains(reference.Name)) continue;
                Assert.Contains(reference.Name!, below, $"{assembly.GetName().Name} must not reference {reference.Name}.");
            }
        }
    }

    private static IEnumerable<string> Below(string name) => Allowed[name].SelectMany(below => Below(below).Prepend(below));

    private static string[] References(string project, string kind) =>
    [
        .. XDocument.Parse(Repository.Read(project)).Descendants(kind).Select(element => element.Attribute("Include")!.Value),
    ];
}
