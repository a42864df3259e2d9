using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Benchmarks;

/// <summary>Prints figures for people or for programs.</summary>
internal static class FigureOutput
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void WriteJson(TextWriter output, string group, IReadOnlyList<Figure> figures) =>
        output.WriteLine(JsonSerializer.Serialize(new { group, processors = Environment.ProcessorCount, figures }, Json));

    public static void WriteText(TextWriter output, IReadOnlyList<Figure> figures)
    {
        var width = figures.Select(figure => figure.Name.Length).DefaultIfEmpty(0).Max();
        foreach (var figure in figures)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{figure.Name.PadRight(width)}  {figure.Value,14:#,0.###} {figure.Unit,-12} target {figure.Target,-12} {figure.Baseline}"));
        }
    }
}
