using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>The developer's lab, as its process describes it in a file: the process id, then one line a host.</summary>
internal sealed record LabState(int Pid, string Table)
{
    private const string Folder = "/run/p2plab";
    private const string FilePath = Folder + "/lab";

    /// <summary>False when no lab is up; one whose process died does not count.</summary>
    public static bool TryLoad([NotNullWhen(true)] out LabState? state)
    {
        state = null;
        try
        {
            string[] parts = File.ReadAllText(FilePath).Split('\n', 2);
            if (parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int pid)) state = new LabState(pid, parts[1]);
        }
        catch (IOException)
        {
            return false;
        }
        if (state is not null && !state.Namespaces().Any()) state = null;
        return state is not null;
    }

    public static void Save(Lab lab)
    {
        Directory.CreateDirectory(Folder);
        string temporary = $"{FilePath}.{Environment.ProcessId}";
        File.WriteAllText(temporary, $"{Environment.ProcessId}\n{Describe(lab)}");
        File.Move(temporary, FilePath, overwrite: true);
    }

    public static void Remove() => File.Delete(FilePath);

    /// <summary>The namespace of a host, such as <c>h1a</c>; null when there is none.</summary>
    public string? FindNamespace(string host) => Namespaces().FirstOrDefault(name => NamespaceNames.NodeOf(name) == host);

    private IEnumerable<string> Namespaces() => NamespaceNames.All()
        .Where(name => NamespaceNames.TryGetOwner(name, out int owner) && owner == Pid && !NamespaceNames.IsOrphan(name));

    private static string Describe(Lab lab)
    {
        var text = new StringBuilder();
        AppendRow(text, "HOST", "KIND", "ADDRESS", "PUBLIC ADDRESS");
        foreach (var server in lab.Servers)
            AppendRow(text, server.Name, "server", string.Join(',', server.Addresses), server.Address.ToString());
        foreach (var home in lab.Homes)
        {
            foreach (var host in home.Hosts)
                AppendRow(text, host.Name, NatKinds.NameOf(home.Kind), host.Address.ToString(), home.PublicAddress.ToString());
        }
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, string host, string kind, string address, string publicAddress) =>
        text.Append(CultureInfo.InvariantCulture, $"{host,-6} {kind,-20} {address,-22} {publicAddress}\n");
}
