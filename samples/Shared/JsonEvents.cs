using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CS3103P2P.Samples;

/// <summary>Prints events to standard output, one JSON object a line, whole lines only.</summary>
internal static class JsonEvents
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string name, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("event", name);
            foreach ((string field, object? value) in fields)
            {
                writer.WritePropertyName(field);
                WriteValue(writer, value);
            }

            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        using Stream output = Console.OpenStandardOutput();
        output.Write(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(Math.Round(number, 3)); break;
            case TimeSpan span: writer.WriteNumberValue(Math.Round(span.TotalSeconds, 3)); break;
            case IEnumerable<(string Name, object? Value)> fields:
                writer.WriteStartObject();
                foreach ((string name, object? inner) in fields)
                {
                    writer.WritePropertyName(name);
                    WriteValue(writer, inner);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable<object?> items:
                writer.WriteStartArray();
                foreach (object? item in items) WriteValue(writer, item);
                writer.WriteEndArray();
                break;
            default: writer.WriteStringValue(value.ToString()); break;
        }
    }
}
