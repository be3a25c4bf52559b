using System.Reflection;
using System.Text;

namespace CS3103P2P.Architecture;

/// <summary>
/// What an embedder can see is written down in PublicApi/*.txt, so that a change of it shows in review.
/// <c>UPDATE_PUBLIC_API=1 dotnet run --project test/Architecture</c> writes the files anew.
/// </summary>
[TestClass]
public sealed class PublicApiTests
{
    [TestMethod]
    public void PublicApi_OfEveryLibrary_IsTheOneWrittenDown()
    {
        Assert.IsNotEmpty(ProductAssemblies.All);
        bool update = Environment.GetEnvironmentVariable("UPDATE_PUBLIC_API") == "1";
        var changes = new StringBuilder();
        foreach (Assembly assembly in ProductAssemblies.All)
        {
            string path = Path.Combine(Repository.Root, "test", "Architecture", "PublicApi", $"{assembly.GetName().Name}.txt");
            string[] actual = [.. PublicApi.Lines(assembly)];
            if (update)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, string.Join('\n', actual) + "\n");
            }

            string[] expected = File.Exists(path) ? File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
            foreach (string line in actual.Except(expected)) changes.AppendLine($"+ {line}");
            foreach (string line in expected.Except(actual)) changes.AppendLine($"- {line}");
        }

        Assert.AreEqual(0, changes.Length, $"The public API changed; if that is meant, run with UPDATE_PUBLIC_API=1.\n{changes}");
    }
}
