using System.Reflection;

namespace CS3103P2P.Architecture;

/// <summary>The source tree that the tests judge.</summary>
internal static class Repository
{
    private static readonly string[] BuildFolders = ["bin", "obj", "artifacts", "TestResults"];

    public static string Root { get; } = Path.TrimEndingDirectorySeparator(typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!);

    /// <summary>Files below the folders, as paths relative to the root with forward slashes; build output left out.</summary>
    public static IEnumerable<string> Files(string pattern, params string[] folders) =>
        from folder in folders
        let path = Path.Combine(Root, folder)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !relative.Split('/').Any(BuildFolders.Contains)
        select relative;

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));
}
