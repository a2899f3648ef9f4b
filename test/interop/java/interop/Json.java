package interop;

import java.util.Collection;
import java.util.Map;

/** Writes texts, numbers, null, maps and collections of these as JSON. */
final class Json {
  private Json() { }

  static String of(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    if (value == null || value instanceof Number) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      String divider = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(divider);
        text(String.valueOf(entry.getKey()), out);
        out.append(':');
        write(entry.getValue(), out);
        divider = ",";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof Collection<?> list) {
      String divider = "[";
      for (Object element : list) {
        out.append(divider);
        write(element, out);
        divider = ",";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else {
      text(value.toString(), out);
    }
  }

  private static void text(String text, StringBuilder out) {
    out.append('"');
    for (char unit : text.toCharArray()) {
      if (unit == '"' || unit == '\\') out.append('\\').append(unit);
      else if (unit < ' ') out.append(String.format("\\u%04x", (int) unit));
      else out.append(unit);
    }
    out.append('"');
  }
}
